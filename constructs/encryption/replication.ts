import { SecretManagerSecretReplication } from "@cdktf/provider-google/lib/secret-manager-secret";
import { ITerraformDependable } from "cdktf";
import { KeySource } from "./keys";

/** Where Secret Manager keeps a secret, and what must exist before it can. */
export interface Replication {
  readonly replication: SecretManagerSecretReplication;
  readonly usable: readonly ITerraformDependable[];
}

/** Copies of a secret in exactly these regions, each encrypted with the key of its region where there is one. */
export function replicationIn(keys: KeySource, ...regions: readonly string[]): Replication {
  const copies = regions.map((location) => ({ location, key: keys.at(location, "secretManager") }));
  return {
    replication: {
      userManaged: {
        replicas: copies.map(({ location, key }) => ({
          location,
          ...(key && { customerManagedEncryption: { kmsKeyName: key.id } }),
        })),
      },
    },
    usable: copies.flatMap(({ key }) => key?.usable ?? []),
  };
}

import { SecretManagerSecret } from "@cdktf/provider-google/lib/secret-manager-secret";
import { SecretManagerSecretIamMember } from "@cdktf/provider-google/lib/secret-manager-secret-iam-member";
import { Construct } from "constructs";
import { Environment } from "../../environments/environment";
import { KeySource } from "../encryption/keys";
import { replicationIn } from "../encryption/replication";
import { isProtected } from "../foundation/protection";
import { DAY_SECONDS } from "../foundation/time";
import { grantOnSecret } from "../identity/secret-grant";
import { Grantee } from "../identity/workload-identity";

/** A version that was destroyed by mistake can be enabled again for 30 days. */
const DESTROY_DELAY = `${30 * DAY_SECONDS}s`;

export interface CustomerKeyProps {
  readonly environment: Pick<Environment, "region" | "recoveryRegion" | "protection">;
  readonly keys: KeySource;
}

/**
 * Secret of the key that makes a `customer_key` of a customer's id. The first run of the job adds the only version, so
 * that neither code, plan nor state ever holds the key. It is not rotated: another key makes other customers of the same
 * people (docs/decisions/0040-customer-key.md).
 */
export class CustomerKey extends Construct {
  readonly secret: SecretManagerSecret;
  /** Known at synth. */
  readonly secretId = "sales-customer-key";

  constructor(scope: Construct, id: string, props: CustomerKeyProps) {
    super(scope, id);
    const { region, recoveryRegion } = props.environment;
    const { replication, usable } = replicationIn(
      props.keys,
      region,
      ...(recoveryRegion === undefined ? [] : [recoveryRegion]),
    );
    this.secret = new SecretManagerSecret(this, "secret", {
      secretId: this.secretId,
      replication,
      versionDestroyTtl: DESTROY_DELAY,
      deletionProtection: isProtected(props.environment),
      dependsOn: [...usable],
    });
  }

  /** Grants a role on the secret and its versions. */
  grant(scope: Construct, id: string, grantee: Grantee, role: string): SecretManagerSecretIamMember {
    return grantOnSecret(scope, id, this.secret, grantee, role);
  }
}

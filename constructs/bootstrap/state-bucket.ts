import { KmsCryptoKey } from "@cdktf/provider-google/lib/kms-crypto-key";
import { KmsCryptoKeyIamMember } from "@cdktf/provider-google/lib/kms-crypto-key-iam-member";
import { KmsKeyRing } from "@cdktf/provider-google/lib/kms-key-ring";
import { Construct } from "constructs";
import { Environment } from "../../environments/environment";
import { dualRegionKeyLocation } from "../../environments/locations";
import { resourceName, STATE_ROLE } from "../../environments/naming";
import { GRANTING_SECONDS, KEY_ROTATION } from "../encryption/keys";
import { Apis } from "../foundation/apis";
import { Wait } from "../foundation/wait";
import { ServiceAgents } from "../identity/service-agents";
import { HardenedBucket } from "../lake/hardened-bucket";

export interface StateBucketProps {
  readonly environment: Pick<
    Environment,
    "name" | "projectId" | "region" | "recoveryRegion" | "protection" | "lake"
  >;
  readonly apis: Apis;
}

/**
 * Bucket of an environment's Terraform state, versioned and with a key of its own. With a recovery region it is in both
 * regions: otherwise the state would be lost with the region, just when the replica, the buckets and the keys have to be
 * changed. The state is small, so the copy costs next to nothing.
 */
export class StateBucket extends Construct {
  readonly bucket: HardenedBucket;

  constructor(scope: Construct, id: string, props: StateBucketProps) {
    super(scope, id);
    const { environment, apis } = props;
    const agents = new ServiceAgents(this, "agents", { projectId: environment.projectId, apis });
    const ring = new KmsKeyRing(this, "ring", {
      name: resourceName(environment.name, "state"),
      // A bucket in two regions accepts only a key of its continent.
      location:
        environment.recoveryRegion === undefined
          ? environment.region
          : dualRegionKeyLocation(environment.region),
    });
    const key = new KmsCryptoKey(this, "key", {
      name: "state",
      keyRing: ring.id,
      purpose: "ENCRYPT_DECRYPT",
      rotationPeriod: KEY_ROTATION,
      versionTemplate: { algorithm: "GOOGLE_SYMMETRIC_ENCRYPTION", protectionLevel: "SOFTWARE" },
    });
    const grant = new KmsCryptoKeyIamMember(this, "storage-agent", {
      cryptoKeyId: key.id,
      role: "roles/cloudkms.cryptoKeyEncrypterDecrypter",
      member: agents.member("storage"),
    });
    const usable = new Wait(this, "usable", {
      seconds: GRANTING_SECONDS,
      after: [grant],
      names: ["storage"],
    });
    this.bucket = new HardenedBucket(this, "state", {
      environment,
      keys: { at: () => ({ id: key.id, usable: [usable.resource] }) },
      role: STATE_ROLE,
      secondRegion: true,
    });
  }
}

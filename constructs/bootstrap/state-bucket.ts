import { KmsCryptoKey } from "@cdktf/provider-google/lib/kms-crypto-key";
import { KmsCryptoKeyIamMember } from "@cdktf/provider-google/lib/kms-crypto-key-iam-member";
import { KmsKeyRing } from "@cdktf/provider-google/lib/kms-key-ring";
import { Construct } from "constructs";
import { Environment } from "../../environments/environment";
import { HardenedBucket } from "../lake/hardened-bucket";
import { resourceName, STATE_ROLE } from "../../environments/naming";
import { dualRegionKeyLocation } from "../../environments/locations";
import { ServiceAgents } from "../identity/service-agents";

/** 90 days. */
const ROTATION = "7776000s";

/**
 * The bucket that an environment's Terraform state lives in, versioned and under a key of its own. Where there is a
 * recovery region it is in both: with the region the state would be lost just when what is left, the replica, the
 * buckets and the keys, has to be changed; the state is small, so the copy costs next to nothing.
 */
export class StateBackend extends Construct {
  readonly bucket: HardenedBucket;

  constructor(scope: Construct, id: string, environment: Environment) {
    super(scope, id);
    const agents = new ServiceAgents(this, "agents", environment.projectId);
    const ring = new KmsKeyRing(this, "ring", {
      name: resourceName(environment.name, "state"),
      // A bucket in two regions takes a key of the continent alone.
      location:
        environment.recoveryRegion === undefined
          ? environment.region
          : dualRegionKeyLocation(environment.region),
    });
    const key = new KmsCryptoKey(this, "key", {
      name: "state",
      keyRing: ring.id,
      purpose: "ENCRYPT_DECRYPT",
      rotationPeriod: ROTATION,
      versionTemplate: { algorithm: "GOOGLE_SYMMETRIC_ENCRYPTION", protectionLevel: "SOFTWARE" },
    });
    const grant = new KmsCryptoKeyIamMember(this, "storage-agent", {
      cryptoKeyId: key.id,
      role: "roles/cloudkms.cryptoKeyEncrypterDecrypter",
      member: agents.member("storage"),
    });
    this.bucket = new HardenedBucket(this, "state", {
      environment,
      keys: { at: () => ({ id: key.id, grants: [grant] }) },
      role: STATE_ROLE,
      secondRegion: true,
    });
  }
}

import { KmsCryptoKey } from "@cdktf/provider-google/lib/kms-crypto-key";
import { KmsCryptoKeyIamMember } from "@cdktf/provider-google/lib/kms-crypto-key-iam-member";
import { KmsKeyRing } from "@cdktf/provider-google/lib/kms-key-ring";
import { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { Environment } from "../environments/types";
import { resourceName } from "./naming";
import { dualRegion } from "./regions";
import { Agent, ServiceAgents } from "./service-agents";

const DAY_SECONDS = 86_400;
/** 90 days, as CIS Google Cloud 1.10 asks. */
const ROTATION = `${90 * DAY_SECONDS}s`;
/** A destroyed key version can be brought back for 30 days. */
const DESTROY_DELAY = `${30 * DAY_SECONDS}s`;

/** Services that encrypt in the region; Composer works through six of them. */
const REGIONAL: readonly Agent[] = [
  "artifactRegistry",
  "bigquery",
  "composer",
  "compute",
  "container",
  "dataproc",
  "pubsub",
  "secretManager",
  "sql",
  "storage",
];
const RECOVERY: readonly Agent[] = ["secretManager", "sql"];
const DUAL_REGION: readonly Agent[] = ["storage"];

export interface KeysProps {
  readonly environment: Environment;
  readonly agents: ServiceAgents;
}

/** One key for each location that holds data; none when the environment leaves encryption to Google's keys. */
export class Keys extends Construct {
  private readonly keys = new Map<string, KmsCryptoKey>();
  /** Grants to the service agents: what encrypts with a key waits for them. */
  readonly dependables: ITerraformDependable[] = [];

  constructor(scope: Construct, id: string, props: KeysProps) {
    super(scope, id);
    const { environment } = props;
    if (!environment.customerKeys) return;
    this.add("regional", environment.region, REGIONAL, props);
    if (environment.recoveryRegion === undefined) return;
    this.add("recovery", environment.recoveryRegion, RECOVERY, props);
    // A dual-region bucket takes a key of the multi-region around its two regions.
    this.add("dual-region", dualRegion(environment.region).toLowerCase(), DUAL_REGION, props);
  }

  /** Id of the key at `location`, or undefined for Google's own. */
  idFor(location: string): string | undefined {
    return this.keys.get(location.toLowerCase())?.id;
  }

  private add(role: string, location: string, agents: readonly Agent[], props: KeysProps): void {
    const ring = new KmsKeyRing(this, `${role}-ring`, {
      name: resourceName(props.environment.name, role),
      location,
    });
    const key = new KmsCryptoKey(this, `${role}-key`, {
      name: "data",
      keyRing: ring.id,
      purpose: "ENCRYPT_DECRYPT",
      rotationPeriod: ROTATION,
      destroyScheduledDuration: DESTROY_DELAY,
      versionTemplate: { algorithm: "GOOGLE_SYMMETRIC_ENCRYPTION", protectionLevel: "SOFTWARE" },
    });
    this.keys.set(location, key);
    for (const agent of agents) {
      this.dependables.push(
        new KmsCryptoKeyIamMember(this, `${role}-${agent}`, {
          cryptoKeyId: key.id,
          role: "roles/cloudkms.cryptoKeyEncrypterDecrypter",
          member: props.agents.member(agent),
        }),
      );
    }
  }
}

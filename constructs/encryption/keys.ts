import { KmsCryptoKey } from "@cdktf/provider-google/lib/kms-crypto-key";
import { KmsCryptoKeyIamMember } from "@cdktf/provider-google/lib/kms-crypto-key-iam-member";
import { KmsKeyRing } from "@cdktf/provider-google/lib/kms-key-ring";
import { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { Environment } from "../../environments/environment";
import { dualRegionKeyLocation } from "../../environments/locations";
import { resourceName } from "../../environments/naming";
import { DAY_SECONDS } from "../foundation/time";
import { Wait } from "../foundation/wait";
import { Agent, ServiceAgents } from "../identity/service-agents";

/** 90 days, as CIS Google Cloud 1.10 recommends. */
export const KEY_ROTATION = `${90 * DAY_SECONDS}s`;
/** A destroyed key version can be restored for 30 days. */
const DESTROY_DELAY = `${30 * DAY_SECONDS}s`;

/** Services that encrypt in the region; Composer uses six of them. */
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
const RECOVERY: readonly Agent[] = ["bigquery", "secretManager", "sql"];
const DUAL_REGION: readonly Agent[] = ["storage"];

/** From a grant on a key until the service agent may use it: usually less than a minute. */
export const GRANTING_SECONDS = 60;

/** A key and what must exist before it can be used. */
export interface Key {
  readonly id: string;
  readonly usable: ITerraformDependable[];
}

/** Source of encryption keys: {@link Keys} in an environment, a single key in bootstrap. */
export interface KeySource {
  /** Key at `location` for data that `agents` encrypt; undefined where Google's own keys encrypt it. */
  at(location: string, ...agents: readonly Agent[]): Key | undefined;
}

export interface KeysProps {
  /** Without `customerKeys` there are no keys. */
  readonly environment: Pick<Environment, "name" | "region" | "recoveryRegion" | "customerKeys">;
  readonly agents: ServiceAgents;
}

/** One key for each location that holds data, in an environment with keys of its own. */
export class Keys extends Construct implements KeySource {
  private readonly keys = new Map<string, Key & { readonly agents: readonly Agent[] }>();

  constructor(scope: Construct, id: string, props: KeysProps) {
    super(scope, id);
    const { environment } = props;
    if (environment.customerKeys === undefined) return;
    this.add("regional", environment.region, REGIONAL, props);
    if (environment.recoveryRegion === undefined) return;
    this.add("recovery", environment.recoveryRegion, RECOVERY, props);
    this.add("dual-region", dualRegionKeyLocation(environment.region), DUAL_REGION, props);
  }

  at(location: string, ...agents: readonly Agent[]): Key | undefined {
    const key = this.keys.get(location.toLowerCase());
    if (!key) return undefined;
    const without = agents.find((agent) => !key.agents.includes(agent));
    if (without)
      throw new Error(`key at ${location}: ${without} has no grant on it, see constructs/encryption/keys.ts`);
    return key;
  }

  private add(role: string, location: string, agents: readonly Agent[], props: KeysProps): void {
    const ring = new KmsKeyRing(this, `${role}-ring`, {
      name: resourceName(
        props.environment.name,
        `${role}-g${props.environment.customerKeys?.generation ?? 1}`,
      ),
      location,
    });
    const key = new KmsCryptoKey(this, `${role}-key`, {
      name: "data",
      keyRing: ring.id,
      purpose: "ENCRYPT_DECRYPT",
      rotationPeriod: KEY_ROTATION,
      destroyScheduledDuration: DESTROY_DELAY,
      versionTemplate: { algorithm: "GOOGLE_SYMMETRIC_ENCRYPTION", protectionLevel: "SOFTWARE" },
    });
    const grants = agents.map(
      (agent) =>
        new KmsCryptoKeyIamMember(this, `${role}-${agent}`, {
          cryptoKeyId: key.id,
          role: "roles/cloudkms.cryptoKeyEncrypterDecrypter",
          member: props.agents.member(agent),
        }),
    );
    const usable = new Wait(this, `${role}-usable`, {
      seconds: GRANTING_SECONDS,
      after: grants,
      names: agents,
    });
    this.keys.set(location, { id: key.id, usable: [usable.resource], agents });
  }
}

import { dev } from "./dev";
import { prod } from "./prod";
import { staging } from "./staging";
import { Environment } from "./environment";
import { validated } from "./validation";

/**
 * Takes the protections off the environment `name`. A protected environment is destroyed in two steps:
 * `DECOMMISSION=<name> npm run deploy -- <name>`, then `npm run destroy`.
 */
export function decommissioned(environment: Environment, name: string | undefined): Environment {
  return name === environment.name ? { ...environment, protection: "decommissioning" } : environment;
}

/**
 * Moves an environment to its recovery region, for a region that is lost: `MOVE=<name>:<region>`. The second region is
 * the next one for recovery, because nothing can be made in the lost one (docs/runbooks/region-loss.md).
 */
export function moved(environment: Environment, move: string | undefined): Environment {
  const [name, next] = (move ?? "").split(":");
  if (name !== environment.name) return environment;
  const { recoveryRegion: region } = environment;
  if (region === undefined)
    throw new Error(`MOVE: ${name} has no recoveryRegion, set it in environments/${name}.ts`);
  if (next === undefined || next === environment.region)
    throw new Error(`MOVE: name another region for recovery, as MOVE=${name}:us-west1`);
  return { ...environment, region, recoveryRegion: next };
}

/** All environments of the platform. A new one needs a file and an entry here: environments/README.md. */
const listed = validated([dev, staging, prod]);

/** The environments as they are synthesized: one may be moved or without its protections. */
export const environments: readonly Environment[] = (
  process.env.MOVE === undefined ? listed : validated(listed.map((one) => moved(one, process.env.MOVE)))
).map((one) => decommissioned(one, process.env.DECOMMISSION));

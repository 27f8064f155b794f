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

/** All environments of the platform. A new one needs a file and an entry here: environments/README.md. */
export const environments: readonly Environment[] = validated([dev, staging, prod]).map((environment) =>
  decommissioned(environment, process.env.DECOMMISSION),
);

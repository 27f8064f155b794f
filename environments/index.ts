import { dev } from "./dev";
import { prod } from "./prod";
import { staging } from "./staging";
import { Environment } from "./environment";
import { validated } from "./validation";

/**
 * A protected environment is destroyed in two steps: `DECOMMISSION=<name> npm run deploy -- <name>` takes its
 * protections off, then it can be destroyed.
 */
export function decommissioned(environment: Environment, name: string | undefined): Environment {
  return name === environment.name ? { ...environment, protection: "decommissioning" } : environment;
}

/** Every environment of the platform; a fourth is one more file. */
export const environments: readonly Environment[] = validated([dev, staging, prod]).map((environment) =>
  decommissioned(environment, process.env.DECOMMISSION),
);

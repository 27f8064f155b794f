import { VOLUMES, Volumes } from "./assumptions";
import { NotEstimated } from "./stack";

/** What comes into an environment. */
export function volumes(environment: string): Volumes {
  const found = VOLUMES[environment];
  if (!found) throw new NotEstimated(`cost/assumptions.ts has no volumes of ${environment}`);
  return found;
}

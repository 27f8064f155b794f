import { VOLUMES, Volumes } from "./assumptions";

/** What comes into an environment; one that is not named has dev's. */
export const volumes = (environment: string): Volumes => VOLUMES[environment] ?? VOLUMES.dev;

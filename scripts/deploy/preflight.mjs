// Checks before a command changes anything in the cloud. Every failure is one line with its remedy.
import * as projects from "./preflight/projects.mjs";
import * as quotas from "./preflight/quotas.mjs";
import { run } from "../lib/process.mjs";
import * as stateBucket from "./preflight/state-bucket.mjs";

/**
 * Refuses to go on unless projects, quotas and state bucket of a stack can be used.
 * @returns {{ quotasUnknown: boolean }} whether the quotas can be read only after the API of Compute Engine is enabled
 */
export function requireAll(stack, cloud) {
  const missing = projects.check(stack, cloud);
  stateBucket.check(stack, cloud);
  const quotasUnknown = [...missing.values()].flat().includes(quotas.COMPUTE);
  if (!quotasUnknown) quotas.check(stack, cloud);
  return { quotasUnknown };
}

const TRIES = 6;

/** Enables the API that knows the quotas, as the apply would, waits until it answers, and checks them. */
export async function enableAndCheckQuotas(stack, cloud) {
  for (const project of stack.projects) {
    cloud.ask("services", "enable", quotas.COMPUTE, `--project=${project}`);
    for (let tries = 1; tries < TRIES && !quotas.answers(project, cloud); tries += 1)
      await run("sleep", ["10"]);
  }
  quotas.check(stack, cloud);
}

// Starting the sales job on this machine.
import { join } from "node:path";
import { userFolder } from "../lib/cli.mjs";
import { root, run } from "../lib/process.mjs";
import { ensure, python } from "../setup/parts.mjs";
import { sparkEnvironment } from "./spark.mjs";

/**
 * Runs the job with this terminal's streams.
 * @param {string[]} args the job's arguments @param {import("node:child_process").SpawnOptions} options
 * @returns {Promise<number>} its exit code
 */
export async function runJob(args, options = {}) {
  await ensure("java", "job", "jars");
  return run(python("job"), [join(root, "pyspark-jobs/sales_analytics_direct.py"), ...args], {
    cwd: userFolder(),
    env: sparkEnvironment(),
    ...options,
  });
}

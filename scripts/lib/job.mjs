// Starting the sales job on this machine.
import { join } from "node:path";
import { requireJava } from "./prerequisites.mjs";
import { root, run, userFolder } from "./process.mjs";
import { ensure, python } from "./setup.mjs";

/** The environment of anything that starts Spark: the Java that was found, and the interpreter that the workers use too. */
export function sparkEnvironment() {
  const home = requireJava();
  return {
    ...process.env,
    JAVA_HOME: home,
    PYSPARK_PYTHON: python("job"),
    PYTHONDONTWRITEBYTECODE: "1",
    // Spark of another installation must not get into the way of the one in the lock file.
    SPARK_HOME: undefined,
    SPARK_CONF_DIR: undefined,
  };
}

/**
 * Runs the job with this terminal's streams.
 * @param {string[]} args the job's arguments @param {import("node:child_process").SpawnOptions} options
 * @returns {Promise<number>} its exit code
 */
export async function runJob(args, options = {}) {
  await ensure("job", "jars");
  return run(python("job"), [join(root, "pyspark-jobs/sales_analytics_direct.py"), ...args], {
    cwd: userFolder(),
    env: sparkEnvironment(),
    ...options,
  });
}

// Airflow on this machine: its home below the warehouse, SQLite, nothing but the project's DAGs, no network.
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sparkEnvironment } from "./job.mjs";
import { UserError, root, run } from "./process.mjs";
import { python } from "./setup.mjs";

/**
 * The environment of an Airflow that runs the DAGs here.
 * @param {string} warehouse @param {string} [lake] absolute paths; only the sales DAG reads a lake
 */
export function airflowEnvironment(warehouse, lake) {
  const home = join(warehouse, "airflow");
  return {
    ...sparkEnvironment(),
    AIRFLOW_HOME: home,
    AIRFLOW__CORE__DAGS_FOLDER: join(root, "dags"),
    AIRFLOW__CORE__LOAD_EXAMPLES: "False",
    AIRFLOW__CORE__EXECUTOR: "SequentialExecutor",
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN: `sqlite:///${join(home, "airflow.db")}`,
    AIRFLOW__LOGGING__COLORED_CONSOLE_LOG: "False",
    // Settled in Airflow 3; said once a process otherwise.
    AIRFLOW__METRICS__TIMER_UNIT_CONSISTENCY: "True",
    AIRFLOW__USAGE_DATA_COLLECTION__ENABLED: "False",
    // What libraries say to their own developers.
    PYTHONWARNINGS: "ignore",
    ENVIRONMENT: "local",
    LOCAL_PROJECT: root,
    LOCAL_WAREHOUSE: warehouse,
    LOCAL_NODE: process.execPath,
    ...(lake && { LOCAL_LAKE: lake }),
  };
}

/** Makes Airflow's database once. */
export async function prepareAirflow(env) {
  const done = join(env.AIRFLOW_HOME, "migrated");
  if (existsSync(done)) return;
  mkdirSync(env.AIRFLOW_HOME, { recursive: true });
  const path = join(env.AIRFLOW_HOME, "migrate.log");
  const log = openSync(path, "w");
  const migrate = [python("airflow"), ["-m", "airflow", "db", "migrate"]];
  const code = await run(...migrate, { env, stdio: ["ignore", log, log] });
  if (code !== 0) {
    console.error(readFileSync(path, "utf8").trimEnd().split("\n").slice(-20).join("\n"));
    throw new UserError(`Airflow's database could not be made in ${env.AIRFLOW_HOME}: see above`);
  }
  writeFileSync(done, "");
}

/**
 * Runs a DAG once.
 * @param {string} dag its id
 * @param {string} date logical date: of the sales DAG, the day after the one whose sales are taken
 * @returns {Promise<number>} the job's exit code, or 1 for a failure beside it
 */
export async function runDag(env, dag, date) {
  return run(python("airflow"), [join(root, "scripts/lib/run_dag.py"), dag, date], { env });
}

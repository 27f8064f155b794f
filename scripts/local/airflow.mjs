// Airflow on this machine: its home below the warehouse, SQLite, nothing but the project's DAGs, no network.
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../lib/cli.mjs";
import { root, run, runToFile } from "../lib/process.mjs";
import { at, lockHash, python } from "../setup/files.mjs";
import { sparkEnvironment } from "./spark.mjs";

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
    // The DAGs read the job's catalog of tables.
    PYTHONPATH: join(root, "pyspark-jobs"),
    AIRFLOW__CORE__EXECUTOR: "SequentialExecutor",
    // The first import of the providers counts too; on a busy machine it takes longer than Airflow's 30 s.
    AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT: "300",
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN: `sqlite:///${join(home, "airflow.db")}`,
    AIRFLOW__LOGGING__COLORED_CONSOLE_LOG: "False",
    // Airflow's default in version 3; without it, each process logs a warning.
    AIRFLOW__METRICS__TIMER_UNIT_CONSISTENCY: "True",
    AIRFLOW__USAGE_DATA_COLLECTION__ENABLED: "False",
    // Warnings that libraries address to their own developers.
    PYTHONWARNINGS: "ignore",
    ENVIRONMENT: "local",
    LOCAL_PROJECT: root,
    LOCAL_WAREHOUSE: warehouse,
    LOCAL_NODE: process.execPath,
    ...(lake && { LOCAL_LAKE: lake }),
  };
}

/** Makes Airflow's database as a copy of an empty one, since a migration takes seconds. */
export async function prepareAirflow(env) {
  const database = join(env.AIRFLOW_HOME, "airflow.db");
  if (existsSync(database)) return;
  const empty = at(".setup/airflow", `${lockHash("airflow")}.db`);
  if (!existsSync(empty)) await migrate(env, empty);
  mkdirSync(env.AIRFLOW_HOME, { recursive: true });
  copyAtomically(empty, database);
}

async function migrate(env, database) {
  const home = `${database}.${process.pid}`;
  const made = join(home, "airflow.db");
  const own = { AIRFLOW_HOME: home, AIRFLOW__DATABASE__SQL_ALCHEMY_CONN: `sqlite:///${made}` };
  const migration = ["-m", "airflow", "db", "migrate"];
  const { code, text } = await runToFile(join(home, "migrate.log"), python("airflow"), migration, {
    env: { ...env, ...own },
  });
  if (code !== 0) {
    console.error(text.trimEnd().split("\n").slice(-20).join("\n"));
    throw new UserError(`Airflow's database could not be created in ${home}: see above`);
  }
  copyAtomically(made, database);
  rmSync(home, { recursive: true, force: true });
}

/** Copies a file atomically. */
function copyAtomically(from, to) {
  const part = `${to}.${process.pid}.part`;
  copyFileSync(from, part);
  renameSync(part, to);
}

/**
 * Runs a DAG once.
 * @param {string} dag its id
 * @param {string} date logical date; for the sales DAG, the day after the arrival day
 * @param {object} params the params that differ from their defaults
 * @returns {Promise<number>} the job's exit code, or 1 for another failure
 */
export async function runDag(env, dag, date, params) {
  const script = join(root, "scripts/local/run_dag.py");
  return run(python("airflow"), [script, dag, date, JSON.stringify(params)], { env });
}

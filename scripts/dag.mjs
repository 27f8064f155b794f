// `npm run dag -- --lake DIR --warehouse DIR --date D [--max-bad-ratio SHARE]`: one run of the sales DAG by Airflow
// itself, on this machine.
// `npm run dag -- --dag NAME --warehouse DIR`: one run of another DAG, now.
import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { airflowEnvironment, prepareAirflow, runDag } from "./local/airflow.mjs";
import { UserError, main, userFolder } from "./lib/cli.mjs";
import { ensure } from "./setup/parts.mjs";

const SALES = "sales_analytics_etl";
const OTHERS = ["rotate_database_password", "restore_drill"];
const OPTIONS = {
  dag: { type: "string", default: SALES },
  lake: { type: "string" },
  warehouse: { type: "string" },
  date: { type: "string" },
  "max-bad-ratio": { type: "string" },
};
const USAGE =
  "the arguments are --lake DIR --warehouse DIR --date D, optionally --max-bad-ratio SHARE, or --dag NAME --warehouse DIR";

function optionsOf(args) {
  let values;
  try {
    ({ values } = parseArgs({ args, options: OPTIONS }));
  } catch (error) {
    throw new UserError(`${error.message}: ${USAGE}`, 2);
  }
  if (values.dag !== SALES && !OTHERS.includes(values.dag)) {
    throw new UserError(`--dag '${values.dag}' is none of ${[SALES, ...OTHERS].join(", ")}`, 2);
  }
  for (const name of ["lake", "warehouse", "date", "max-bad-ratio"]) {
    const taken = name === "warehouse" || values.dag === SALES;
    const needed = taken && name !== "max-bad-ratio";
    if (needed && !values[name]) throw new UserError(`--${name} is missing: ${USAGE}`, 2);
    if (!taken && values[name]) throw new UserError(`--${name}: ${values.dag} takes none`, 2);
  }
  return values;
}

/** What a person who starts a run in Airflow's form could fill in. */
function paramsOf({ "max-bad-ratio": ratio }) {
  if (ratio === undefined) return {};
  const share = Number(ratio);
  if (ratio.trim() === "" || !(share >= 0 && share <= 1)) {
    throw new UserError(`--max-bad-ratio '${ratio}' is not a share between 0 and 1`, 2);
  }
  return { max_bad_ratio: share };
}

/** @returns {string} the day after `date`: Airflow takes a day when it is over */
function dayAfter(date) {
  const day = new Date(`${date}T00:00:00Z`);
  if (Number.isNaN(day.getTime()) || day.toISOString().slice(0, 10) !== date) {
    throw new UserError(`--date '${date}' is not a day written yyyy-MM-dd`, 2);
  }
  return new Date(day.getTime() + 86_400_000).toISOString().slice(0, 10);
}

function lakeOf(given, cwd) {
  const lake = resolve(cwd, given);
  if (!existsSync(lake) || !statSync(lake).isDirectory()) {
    throw new UserError(`--lake ${given}: there is no such folder`, 2);
  }
  return lake;
}

await main(async (args) => {
  const given = optionsOf(args);
  const date = given.dag === SALES ? dayAfter(given.date) : new Date().toISOString();
  const params = paramsOf(given);
  const cwd = userFolder();
  const lake = given.dag === SALES ? lakeOf(given.lake, cwd) : undefined;
  await ensure("node", "java", "job", "jars", "airflow");
  const env = airflowEnvironment(resolve(cwd, given.warehouse), lake);
  await prepareAirflow(env);
  return runDag(env, given.dag, date, params);
});

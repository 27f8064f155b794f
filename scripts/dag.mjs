// `npm run dag -- --lake DIR --warehouse DIR --date D [--max-bad-ratio SHARE]`: one run of the sales DAG by Airflow
// itself, on this machine.
// `npm run dag -- --dag NAME --warehouse DIR`: one run of another DAG, now.
import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { airflowEnvironment, prepareAirflow, runDag } from "./local/airflow.mjs";
import { UserError, main, parseOptions, userFolder } from "./lib/cli.mjs";
import { ensure } from "./setup/parts.mjs";

const SALES = "sales_analytics_etl";
const OTHERS = ["rotate_database_password", "restore_drill"];
const OPTIONS = {
  dag: { default: SALES },
  warehouse: {},
  lake: { optional: true },
  date: { optional: true },
  "max-bad-ratio": { optional: true },
};
const USAGE =
  "--lake DIR --warehouse DIR --date D [--max-bad-ratio SHARE], or --dag NAME --warehouse DIR for another DAG";

function optionsOf(args) {
  const values = parseOptions(args, OPTIONS, USAGE);
  if (values.dag !== SALES && !OTHERS.includes(values.dag)) {
    throw new UserError(`--dag '${values.dag}' is not one of ${[SALES, ...OTHERS].join(", ")}`, 2);
  }
  for (const name of ["lake", "date"]) {
    if (values.dag === SALES && !values[name])
      throw new UserError(`--${name} is missing: the options are ${USAGE}`, 2);
  }
  const extra = ["lake", "date", "max-bad-ratio"].find((name) => values[name] !== undefined);
  if (values.dag !== SALES && extra) throw new UserError(`--${extra}: ${values.dag} takes no such option`, 2);
  return values;
}

/** The parameters of the run, as Airflow's trigger form would set them. */
function paramsOf({ "max-bad-ratio": ratio }) {
  if (ratio === undefined) return {};
  const share = Number(ratio);
  if (ratio.trim() === "" || !(share >= 0 && share <= 1)) {
    throw new UserError(`--max-bad-ratio '${ratio}' is not a share between 0 and 1`, 2);
  }
  return { max_bad_ratio: share };
}

/** @returns {string} the day after `date`: the logical date of the run that takes the arrival of `date` */
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
  await ensure("node", "java", "job", "jars", "airflow", "forecast");
  const env = airflowEnvironment(resolve(cwd, given.warehouse), lake);
  await prepareAirflow(env);
  return runDag(env, given.dag, date, params);
});

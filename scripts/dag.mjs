// `npm run dag -- --lake DIR --warehouse DIR --date D`: one run of the DAG by Airflow itself, on this machine.
import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { airflowEnvironment, prepareAirflow, runDag } from "./lib/airflow.mjs";
import { UserError, main, userFolder } from "./lib/process.mjs";
import { ensure } from "./lib/setup.mjs";

const OPTIONS = { lake: { type: "string" }, warehouse: { type: "string" }, date: { type: "string" } };
const USAGE = "the arguments are --lake DIR --warehouse DIR --date D";

function optionsOf(args) {
  let values;
  try {
    ({ values } = parseArgs({ args, options: OPTIONS }));
  } catch (error) {
    throw new UserError(`${error.message}: ${USAGE}`, 2);
  }
  for (const name of Object.keys(OPTIONS)) {
    if (!values[name]) throw new UserError(`--${name} is missing: ${USAGE}`, 2);
  }
  return values;
}

/** @returns {string} the day after `date`: Airflow takes a day when it is over */
function dayAfter(date) {
  const day = new Date(`${date}T00:00:00Z`);
  if (Number.isNaN(day.getTime()) || day.toISOString().slice(0, 10) !== date) {
    throw new UserError(`--date '${date}' is not a day written yyyy-MM-dd`, 2);
  }
  return new Date(day.getTime() + 86_400_000).toISOString().slice(0, 10);
}

await main(async (args) => {
  const given = optionsOf(args);
  const next = dayAfter(given.date);
  const cwd = userFolder();
  const [lake, warehouse] = [resolve(cwd, given.lake), resolve(cwd, given.warehouse)];
  if (!existsSync(lake) || !statSync(lake).isDirectory()) {
    throw new UserError(`--lake ${given.lake}: there is no such folder`, 2);
  }
  await ensure("node", "job", "jars", "airflow");
  const env = airflowEnvironment(lake, warehouse);
  await prepareAirflow(env);
  return runDag(env, next);
});

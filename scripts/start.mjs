// `npm start`: sets up, synthesizes every environment, runs the pipeline on the sample data, writes the report.
import { readFileSync, readdirSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { UserError, main, userFolder } from "./lib/cli.mjs";
import { root, run, runToFile } from "./lib/process.mjs";
import { ensure } from "./setup/parts.mjs";
import { requireAnyPython } from "./setup/prerequisites.mjs";

const lake = join(root, "sample_data");
const warehouse = join(root, "out/warehouse");
const report = join(root, "out/report.html");

const script = (name, ...args) => [process.execPath, [join(root, "scripts", name), ...args]];

function requireSuccess(title, code) {
  if (code !== 0) throw new UserError(`'${title}' ended with ${code}: see above`, code);
}

/** The output is shown when the step is complete: another step writes to the terminal meanwhile. */
async function synthesize() {
  await ensure("node", "jars", "bundle", "report");
  const title = "Synthesize every environment";
  const { code, text } = await runToFile(join(root, ".setup/synth.log"), ...script("synth.mjs"));
  console.log(`\n== ${title}\n${text.trimEnd()}`);
  requireSuccess(title, code);
}

async function runPipeline() {
  await ensure("java", "job", "jars", "forecast");
  const title = "Run the sales pipeline on sample_data";
  console.log(`\n== ${title}`);
  requireSuccess(title, await run(...script("etl.mjs", "--lake", lake, "--warehouse", warehouse)));
}

async function writeReport() {
  const title = "Write the report";
  console.log(`\n== ${title}`);
  requireSuccess(title, await run(...script("report.mjs", "--warehouse", warehouse, "--out", report)));
}

/** @returns {string} the names of the environments that were synthesized, bootstrap's stack among them */
function stacks() {
  const manifest = JSON.parse(readFileSync(join(root, "cdktf.out/manifest.json"), "utf8"));
  return Object.keys(manifest.stacks).join(",");
}

/** @returns {string} the names of the published tables in the catalog */
function tables() {
  const files = readdirSync(join(root, "pyspark-jobs/sales_job/tables/published"));
  return files.map((file) => basename(file, ".json")).join(", ");
}

await main(async () => {
  const started = Date.now();
  // Checked before anything is installed: set-up brings everything else that is missing.
  requireAnyPython();
  console.log("== Set up");
  // Each starts when its own parts are installed; a failure of one is reported when the other has ended.
  const ends = await Promise.allSettled([synthesize(), runPipeline()]);
  const failed = ends.find(({ status }) => status === "rejected");
  if (failed) throw failed.reason;
  await writeReport();
  const seconds = ((Date.now() - started) / 1000).toFixed(0);
  const show = (path) => relative(userFolder(), path) || ".";
  console.log(`
Done in ${seconds} s.

  Terraform   ${show(join(root, "cdktf.out/stacks"))}/{${stacks()}}/cdk.tf.json
  Tables      ${show(join(warehouse, "warehouse.duckdb"))}  (${tables()})
  Report      ${show(report)}

Next:
  open the report in a browser
  npm test                                                    every test, Airflow's too
  npm run dag -- --lake sample_data --warehouse out/warehouse --date 2026-03-31   one day by Airflow
  npm run etl -- --lake DIR --warehouse DIR                   the pipeline on your own lines
  README.md                                                   the folders, and how to deploy`);
  return 0;
});

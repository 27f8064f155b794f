// `npm start`: sets up, synthesizes every environment, runs the pipeline on the sample data, writes the report, says what is next.
import { relative, join } from "node:path";
import { requireAnyPython } from "./setup/prerequisites.mjs";
import { UserError, main, userFolder } from "./lib/cli.mjs";
import { root, run } from "./lib/process.mjs";
import { ensure } from "./setup/parts.mjs";

const lake = join(root, "sample_data");
const warehouse = join(root, "out/warehouse");
const report = join(root, "out/report.html");

async function step(title, script, args) {
  console.log(`\n== ${title}`);
  const code = await run(process.execPath, [join(root, "scripts", script), ...args]);
  if (code !== 0) throw new UserError(`'${title}' ended with ${code}: see above`, code);
}

await main(async () => {
  const started = Date.now();
  // Before anything is installed: set-up brings everything else that is missing.
  requireAnyPython();
  console.log("== Set up");
  await ensure("node", "java", "job", "jars", "bundle");
  await step("Synthesize dev, staging and prod", "synth.mjs", []);
  await step("Run the sales pipeline on sample_data", "etl.mjs", ["--lake", lake, "--warehouse", warehouse]);
  await step("Write the report", "report.mjs", ["--warehouse", warehouse, "--out", report]);
  const seconds = ((Date.now() - started) / 1000).toFixed(0);
  const show = (path) => relative(userFolder(), path) || ".";
  console.log(`
Done in ${seconds} s.

  Terraform   ${show(join(root, "cdktf.out/stacks"))}/{dev,staging,prod}/cdk.tf.json
  Tables      ${show(join(warehouse, "warehouse.duckdb"))}  (daily_sales_summary, product_performance, store_performance, quarantined_sales)
  Report      ${show(report)}

Next:
  open the report in a browser
  npm test                                                    every test, Airflow's too
  npm run dag -- --lake sample_data --warehouse out/warehouse --date 2026-03-31   one day by Airflow
  npm run etl -- --lake DIR --warehouse DIR                   the pipeline on your own lines
  README.md                                                   what is where, and how it is deployed`);
  return 0;
});

// `npm run advise -- ENV`, or `-- --warehouse DIR`: what to change, by the history of runs, the plan and the prices.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { UserError, main, refuseOptionsTakenByNpm, userFolder } from "./lib/cli.mjs";
import { capture, root, run } from "./lib/process.mjs";
import { runTypeScript } from "./lib/typescript.mjs";
import { ensure, python } from "./setup/parts.mjs";

const USAGE = "usage: npm run advise -- ENVIRONMENT, or npm run advise -- --warehouse DIR";

/** Days that the queries look back. */
const DAYS = 90;

function optionsOf(args) {
  refuseOptionsTakenByNpm(args, ["warehouse"]);
  let parsed;
  try {
    parsed = parseArgs({ args, options: { warehouse: { type: "string" } }, allowPositionals: true });
  } catch (error) {
    throw new UserError(`${error.message}: ${USAGE}`, 2);
  }
  const [environment, ...others] = parsed.positionals;
  const { warehouse } = parsed.values;
  if (others.length > 0 || (environment === undefined) === (warehouse === undefined))
    throw new UserError(USAGE, 2);
  return { environment, warehouse };
}

/** The settings of an environment's DAGs, which name its project, region and dataset. */
function settingsOf(environment) {
  const file = join(root, "cdktf.out/stacks", environment, "cdk.tf.json");
  if (!existsSync(file))
    throw new UserError(`${environment} is not an environment: name one of environments/index.ts`, 2);
  const [composer] = Object.values(
    JSON.parse(readFileSync(file, "utf8")).resource.google_composer_environment,
  );
  return composer.config.software_config.env_variables;
}

/** The rows of one of the queries of cost/advice, by `bq` with the user's own login. */
function query(name, environment, settings) {
  const values = {
    environment,
    project: settings.PYSPARK_PROJECT_ID,
    region: settings.REGION,
    dataset: settings.BIGQUERY_DATASET,
  };
  const text = readFileSync(join(root, `cost/advice/${name}.sql`), "utf8");
  const sql = text.replace(/\{(\w+)\}/g, (_, key) => values[key]);
  const options = ["--format=json", `--project_id=${values.project}`, "query", "--use_legacy_sql=false"];
  const { status, stdout, stderr } = capture(
    "bq",
    [...options, `--location=${values.region}`, "--max_rows=100000"],
    {
      input: sql,
    },
  );
  if (status !== 0) {
    throw new UserError(
      `bq cannot read ${values.project} (${(stderr || stdout || "bq was not found").trim().split("\n").at(-1)}): install the Google Cloud CLI and sign in with \`gcloud auth login\``,
    );
  }
  return JSON.parse(stdout.trim() || "[]");
}

async function history({ environment, warehouse }) {
  if (environment !== undefined) {
    const settings = settingsOf(environment);
    const [runs, tables] = ["runs", "tables"].map((name) => query(name, environment, settings));
    return JSON.stringify({ runs, tables, tableDays: DAYS });
  }
  await ensure("job");
  const program = join(root, "scripts/local/read_history.py");
  const { status, stdout, stderr } = capture(python("job"), [program, warehouse], { cwd: userFolder() });
  if (status !== 0) throw new UserError(stderr.trim().replace(/^error: /, ""), status ?? 1);
  return stdout;
}

await main(async (args) => {
  const options = optionsOf(args);
  const code = await run(process.execPath, [join(root, "scripts/synth.mjs")], {
    stdio: ["inherit", "ignore", "inherit"],
  });
  if (code !== 0) return code;
  return runTypeScript("cost/advise.ts", options.environment === undefined ? [] : [options.environment], {
    stdio: ["pipe", "inherit", "inherit"],
    input: await history(options),
  });
});

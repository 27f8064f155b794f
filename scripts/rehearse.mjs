// `npm run rehearse`: the cloud path without a cloud. The dev stack's settings, Airflow and the job as they are; emulators in
// place of Cloud Storage and BigQuery, stand-ins for Dataproc, Secret Manager and Cloud SQL. Its tables equal a local run's.
import { delimiter, join } from "node:path";
import { airflowEnvironment, prepareAirflow } from "./local/airflow.mjs";
import { UserError, main } from "./lib/cli.mjs";
import { root, run } from "./lib/process.mjs";
import { ensure, python } from "./setup/parts.mjs";

// A day with late lines of a week, a bad line and a store without a reference row; and the next day.
const DAYS = ["2026-03-14", "2026-03-15"];

await main(async () => {
  await ensure("node", "java", "job", "jars", "bundle", "report", "airflow", "emulators", "connectors");
  const synthesized = await run(process.execPath, [join(root, "scripts/synth.mjs")], { stdio: "ignore" });
  if (synthesized !== 0) throw new UserError("the stacks cannot be synthesized: run 'npm run synth'");
  const folder = join(root, "out/rehearsal");
  const env = {
    ...airflowEnvironment(folder),
    PYTHONPATH: [root, join(root, "pyspark-jobs")].join(delimiter),
    GRPC_VERBOSITY: "ERROR",
  };
  await prepareAirflow(env);
  const plan = join(root, "cdktf.out/stacks/dev/cdk.tf.json");
  return run(python("emulators"), ["-m", "rehearsal", plan, folder, ...DAYS], { env });
});

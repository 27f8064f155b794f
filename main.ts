import { App } from "cdktf";
import { noticesOf } from "./constructs/guardrails/notices";
import { findArtifacts } from "./constructs/lake/artifact-files";
import { readTables } from "./constructs/warehouse/table-catalog";
import { environments } from "./environments";
import { ci } from "./environments/ci";
import { BootstrapStack } from "./stacks/bootstrap-stack";
import { SalesPlatformStack } from "./stacks/sales-platform-stack";

const debug = process.env.CDKTF_LOG_LEVEL === "debug";

try {
  const app = new App();
  const files = findArtifacts(__dirname);
  const tables = readTables(__dirname, "published");
  const { repository } = ci;
  for (const environment of environments)
    new SalesPlatformStack(app, environment.name, { environment, files, tables, repository });
  new BootstrapStack(app, "bootstrap", { environments, ci, stateBucket: process.env.BOOTSTRAP_STATE_BUCKET });
  app.synth();
  for (const notice of noticesOf(app)) process.stderr.write(`${notice}\n`);
} catch (error) {
  // A wrong configuration, a missing file or a broken guardrail: the message names the remedy, a stack trace hides it.
  process.stderr.write(`${error instanceof Error ? (debug ? error.stack : error.message) : String(error)}\n`);
  process.exitCode = 1;
}

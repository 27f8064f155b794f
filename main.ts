import { App } from "cdktf";
import { findArtifacts } from "./constructs/lake/artifact-files";
import { noticesOf } from "./constructs/guardrails/notices";
import { environments } from "./environments";
import { ci } from "./environments/ci";
import { BootstrapStack } from "./stacks/bootstrap-stack";
import { SalesPlatformStack } from "./stacks/sales-platform-stack";

const debug = process.env.CDKTF_LOG_LEVEL === "debug";
// CDKTF keeps the creation stack of every token, for traces that are shown to a debugger alone: nearly a tenth of a synth.
if (!debug) Error.captureStackTrace = () => undefined;

try {
  const app = new App();
  const files = findArtifacts(__dirname);
  for (const environment of environments) new SalesPlatformStack(app, environment.name, environment, files);
  new BootstrapStack(app, "bootstrap", { environments, ci, stateBucket: process.env.BOOTSTRAP_STATE_BUCKET });
  app.synth();
  for (const notice of noticesOf(app)) process.stderr.write(`${notice}\n`);
} catch (error) {
  // A wrong configuration, a missing file or a broken guardrail: the message says what to do, a trace would hide it.
  process.stderr.write(`${error instanceof Error ? (debug ? error.stack : error.message) : String(error)}\n`);
  process.exitCode = 1;
}

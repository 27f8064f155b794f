import { findArtifacts } from "./constructs/lake/artifact-files";
import { readTables } from "./constructs/warehouse/table-catalog";
import { readViews } from "./constructs/warehouse/views";
import { environments } from "./environments";
import { ci } from "./environments/ci";
import { synthesize, withoutStackTraces } from "./stacks/synthesize";

try {
  const notices = withoutStackTraces(() =>
    synthesize({
      environments,
      ci,
      files: findArtifacts(__dirname),
      tables: readTables(__dirname, "published"),
      views: readViews(__dirname),
      stateBucket: process.env.BOOTSTRAP_STATE_BUCKET,
    }),
  );
  // The cdktf command, which sets this variable, prints warnings itself.
  if (process.env.CDKTF_CONTEXT_JSON === undefined)
    for (const notice of notices) process.stderr.write(`${notice}\n`);
} catch (error) {
  // A wrong configuration, a missing file or a broken guardrail: the message names the remedy, a stack trace hides it.
  const debug = process.env.CDKTF_LOG_LEVEL === "debug";
  process.stderr.write(`${error instanceof Error ? (debug ? error.stack : error.message) : String(error)}\n`);
  process.exitCode = 1;
}

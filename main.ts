import { readWords } from "./constructs/catalog/words";
import { findArtifacts } from "./constructs/lake/artifact-files";
import { readTables } from "./constructs/warehouse/table-catalog";
import { readViews } from "./constructs/warehouse/views";
import { synthesize, withoutStackTraces } from "./stacks/synthesize";

/** Exit code of a wrong setting, as of wrong arguments of any command. */
const WRONG_SETTING = 2;

/** What the environments are; they are checked where they are read. */
async function readSettings() {
  try {
    const [{ environments }, { ci }] = await Promise.all([
      import("./environments"),
      import("./environments/ci"),
    ]);
    return { environments, ci };
  } catch (error) {
    const lines = text(error).split("\n").join("; ");
    fail(`error: the environments cannot be read: ${lines}`, WRONG_SETTING);
    return undefined;
  }
}

async function main(): Promise<void> {
  const settings = await readSettings();
  if (settings === undefined) return;
  try {
    const notices = withoutStackTraces(() =>
      synthesize({
        ...settings,
        files: findArtifacts(__dirname),
        tables: readTables(__dirname, "published"),
        streamed: readTables(__dirname, "streamed"),
        views: readViews(__dirname),
        words: readWords(__dirname),
        stateBucket: process.env.BOOTSTRAP_STATE_BUCKET,
      }),
    );
    // The cdktf command, which sets this variable, prints warnings itself.
    if (process.env.CDKTF_CONTEXT_JSON === undefined)
      for (const notice of notices) process.stderr.write(`${notice}\n`);
  } catch (error) {
    // A missing file or a broken guardrail: the message names the remedy, a stack trace hides it.
    fail(text(error), 1);
  }
}

function text(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return process.env.CDKTF_LOG_LEVEL === "debug" ? (error.stack ?? error.message) : error.message;
}

function fail(message: string, code: number): void {
  process.stderr.write(`${message}\n`);
  process.exitCode = code;
}

void main();

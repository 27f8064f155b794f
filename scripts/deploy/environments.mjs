// Reads what the commands need to know of environments/: a new environment needs no change here.
import { UserError } from "../lib/cli.mjs";
import { capture } from "../lib/process.mjs";
import { ensure } from "../setup/parts.mjs";

const PROGRAM =
  "const { environments } = require('./environments'); const { STAGES: stages } = require('./environments/environment');" +
  "const { isProtected } = require('./constructs/foundation/protection');" +
  "const { placeholdersOf } = require('./environments/placeholders');" +
  "const found = environments.map((one) => ({ name: one.name, stage: one.stage, isProtected: isProtected(one), placeholders: placeholdersOf(one) }));" +
  "console.log(JSON.stringify({ stages, environments: found }))";

/**
 * @returns {Promise<{ stages: string[], environments: { name: string, stage: string, isProtected: boolean, placeholders: { field: string, value: string, remedy: string }[] }[] }>} stages
 * in the order in which a change reaches them, environments in the order of environments/index.ts
 */
export async function readEnvironments() {
  await ensure("node");
  const { status, stdout, stderr } = capture(process.execPath, [
    "-r",
    "ts-node/register/transpile-only",
    "-e",
    PROGRAM,
  ]);
  if (status === 0) return JSON.parse(stdout);
  // environments/validation writes one line for each wrong setting; any other output is a fault of the code.
  const lines = stderr
    .split("\n")
    .filter((line) => /^(Error: )?[^\s:]+: [\w.[\]]+: |^Error: SALES_/.test(line));
  throw new UserError(
    `the environments cannot be read: ${lines.map((line) => line.replace(/^Error: /, "")).join("; ") || "run `npm run synth`"}`,
    2,
  );
}

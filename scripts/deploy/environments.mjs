// What the commands have to know of environments/, read from there: a fourth environment needs no change here.
import { UserError } from "../lib/cli.mjs";
import { capture } from "../lib/process.mjs";
import { ensure } from "../setup/parts.mjs";

const PROGRAM =
  "const { environments } = require('./environments'); const { isProtected } = require('./constructs/foundation/protection');" +
  "console.log(JSON.stringify(environments.map((one) => ({ name: one.name, isProtected: isProtected(one) }))))";

/** @returns {Promise<{ name: string, isProtected: boolean }[]>} in the order of environments/index.ts */
export async function readEnvironments() {
  await ensure("node");
  const { status, stdout, stderr } = capture(process.execPath, [
    "-r",
    "ts-node/register/transpile-only",
    "-e",
    PROGRAM,
  ]);
  if (status === 0) return JSON.parse(stdout);
  // A wrong setting is told by `environments/validation/index.ts`, a line each; what is more than that is a fault of the code.
  const lines = stderr.split("\n").filter((line) => /^(Error: )?[a-z0-9]+: [\w.[\]]+: /.test(line));
  throw new UserError(
    `the environments cannot be read: ${lines.map((line) => line.replace(/^Error: /, "")).join("; ") || "run `npm run synth`"}`,
  );
}

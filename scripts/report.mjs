// `npm run report -- --warehouse DIR --out FILE.html`: one page with charts, readable offline.
import { join } from "node:path";
import { UserError, main, parseOptions, userFolder } from "./lib/cli.mjs";
import { capture, root, run } from "./lib/process.mjs";
import { ensure, python } from "./setup/parts.mjs";

/** @returns {string} what the platform costs, as JSON */
function cost() {
  const { status, stdout, stderr } = capture(process.execPath, [
    "-r",
    "ts-node/register/transpile-only",
    join(root, "report/cost.ts"),
  ]);
  if (status !== 0) throw new UserError(`the cost cannot be estimated: ${stderr.trim()}`);
  return stdout;
}

await main(async (args) => {
  const options = { warehouse: {}, out: {} };
  const { warehouse, out } = parseOptions(args, options, "--warehouse DIR --out FILE.html");
  await ensure("node", "job", "report");
  const program = join(root, "scripts/local/write_report.py");
  const template = join(root, "dist/report_template.html");
  return run(python("job"), [program, "--warehouse", warehouse, "--out", out, "--template", template], {
    cwd: userFolder(),
    env: { ...process.env, PYTHONPATH: join(root, "pyspark-jobs") },
    stdio: ["pipe", "inherit", "inherit"],
    input: cost(),
  });
});

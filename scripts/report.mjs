// `npm run report -- --warehouse DIR --out FILE.html`: one page with charts, readable offline.
import { join } from "node:path";
import { main, parseOptions, userFolder } from "./lib/cli.mjs";
import { root, run } from "./lib/process.mjs";
import { TEMPLATE, cost } from "./local/report.mjs";
import { ensure, python } from "./setup/parts.mjs";

await main(async (args) => {
  const options = { warehouse: {}, out: {} };
  const { warehouse, out } = parseOptions(args, options, "--warehouse DIR --out FILE.html");
  await ensure("node", "job", "report");
  const program = join(root, "scripts/local/write_report.py");
  return run(python("job"), [program, "--warehouse", warehouse, "--out", out, "--template", TEMPLATE], {
    cwd: userFolder(),
    env: { ...process.env, PYTHONPATH: join(root, "pyspark-jobs") },
    stdio: ["pipe", "inherit", "inherit"],
    input: cost(),
  });
});

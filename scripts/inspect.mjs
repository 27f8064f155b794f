// `npm run inspect -- FILE_OR_LAKE [--out LAKE]`: what a sales file of anybody holds, and a lake that the job takes.
import { main, refuseOptionsTakenByNpm, userFolder } from "./lib/cli.mjs";
import { root, run } from "./lib/process.mjs";
import { ensure, python } from "./setup/parts.mjs";
import { join } from "node:path";

await main(async (args) => {
  refuseOptionsTakenByNpm(args, [
    "out",
    "dates",
    "decimal",
    "column",
    "constant",
    "encoding",
    "returns",
    "timezone",
  ]);
  await ensure("job");
  const path = [root, join(root, "pyspark-jobs")].join(":");
  return run(python("job"), ["-m", "scripts.inspect.main", ...args], {
    cwd: userFolder(),
    env: { ...process.env, PYTHONPATH: path, PYTHONDONTWRITEBYTECODE: "1" },
  });
});

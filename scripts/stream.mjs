// `npm run stream -- --warehouse DIR [--messages FILE.jsonl | --lake DIR --day D]`: messages of sales into a local warehouse.
import { join } from "node:path";
import { main, parseOptions, userFolder } from "./lib/cli.mjs";
import { root, run } from "./lib/process.mjs";
import { ensure, python } from "./setup/parts.mjs";

const USAGE = "--warehouse DIR [--messages FILE.jsonl] or [--lake DIR --day yyyy-MM-dd [--pause SECONDS]]";

await main(async (args) => {
  const optional = { optional: true };
  const options = { warehouse: {}, messages: optional, lake: optional, day: optional, pause: optional };
  const values = parseOptions(args, options, USAGE);
  await ensure("job");
  const given = Object.entries(values).flatMap(([name, value]) => (value ? [`--${name}`, value] : []));
  return run(python("job"), [join(root, "scripts/local/stream.py"), ...given], {
    cwd: userFolder(),
    env: { ...process.env, PYTHONPATH: join(root, "pyspark-jobs"), PYTHONDONTWRITEBYTECODE: "1" },
  });
});

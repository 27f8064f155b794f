// `npm run stream -- --warehouse DIR [--messages FILE.jsonl | --lake DIR --day D] [--out FILE.html]`: messages of sales into
// a local warehouse, and into the report.
import { join } from "node:path";
import { main, parseOptions, userFolder } from "./lib/cli.mjs";
import { root, run } from "./lib/process.mjs";
import { TEMPLATE, cost } from "./local/report.mjs";
import { ensure, python } from "./setup/parts.mjs";

const USAGE =
  "--warehouse DIR [--messages FILE.jsonl] or [--lake DIR --day yyyy-MM-dd [--pause SECONDS]], and [--out FILE.html]";

await main(async (args) => {
  const optional = { optional: true };
  const options = {
    warehouse: {},
    messages: optional,
    lake: optional,
    day: optional,
    pause: optional,
    out: optional,
  };
  const values = parseOptions(args, options, USAGE);
  await ensure(...(values.out ? ["node", "job", "report"] : ["job"]));
  const given = Object.entries(values).flatMap(([name, value]) => (value ? [`--${name}`, value] : []));
  return run(
    python("job"),
    [join(root, "scripts/local/stream.py"), ...given, ...(values.out ? ["--template", TEMPLATE] : [])],
    {
      cwd: userFolder(),
      env: { ...process.env, PYTHONPATH: join(root, "pyspark-jobs"), PYTHONDONTWRITEBYTECODE: "1" },
      ...(values.out && { stdio: ["pipe", "inherit", "inherit"], input: cost() }),
    },
  );
});

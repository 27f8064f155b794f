// `npm run report -- --warehouse DIR --out FILE.html`: one page with charts, readable offline.
import { main, parseOptions, userFolder } from "./lib/cli.mjs";
import { runTypeScript } from "./lib/typescript.mjs";
import { ensure } from "./setup/parts.mjs";

await main(async (args) => {
  const options = { warehouse: {}, out: {} };
  const { warehouse, out } = parseOptions(args, options, "--warehouse DIR --out FILE.html");
  await ensure("node");
  return runTypeScript("report/main.ts", [warehouse, out], { env: { INIT_CWD: userFolder() } });
});

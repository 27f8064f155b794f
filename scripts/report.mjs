// `npm run report -- --warehouse DIR --out FILE.html`: one page with charts, readable offline.
import { main } from "./lib/process.mjs";
import { ensure } from "./lib/setup.mjs";
import { runTypeScript } from "./lib/typescript.mjs";

await main(async (args) => {
  await ensure("node");
  // The user's folder, before the checkout becomes the working directory.
  const INIT_CWD = process.env.INIT_CWD ?? process.cwd();
  return runTypeScript("report/main.ts", args, { env: { INIT_CWD } });
});

// `npm run report -- --warehouse DIR --out FILE.html`: one page with charts, readable offline.
import { main, userFolder } from "./lib/cli.mjs";
import { ensure } from "./setup/parts.mjs";
import { runTypeScript } from "./lib/typescript.mjs";

await main(async (args) => {
  await ensure("node");
  // The user's folder, before the checkout becomes the working directory.
  return runTypeScript("report/main.ts", args, { env: { INIT_CWD: userFolder() } });
});

// `npm run docs`: writes the documents that are made from the synthesized plans.
import { main } from "./lib/cli.mjs";
import { root, run } from "./lib/process.mjs";
import { runTypeScript } from "./lib/typescript.mjs";
import { join } from "node:path";

await main(async () => {
  const code = await run(process.execPath, [join(root, "scripts/synth.mjs")]);
  return code === 0 ? runTypeScript("scripts/docs/main.ts") : code;
});

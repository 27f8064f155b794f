// `npm run synth`: Terraform JSON of every environment under cdktf.out/stacks. Needs no network, no terraform, no account.
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { main } from "./lib/cli.mjs";
import { root } from "./lib/process.mjs";
import { ensure } from "./setup/parts.mjs";
import { runTypeScript } from "./lib/typescript.mjs";

await main(async () => {
  await ensure("node", "jars", "bundle", "report");
  const code = await runTypeScript("main.ts");
  if (code !== 0) return code;
  // From the manifest: the folder of a removed environment stays, with Terraform's files in it.
  const { stacks } = JSON.parse(readFileSync(join(root, "cdktf.out/manifest.json"), "utf8"));
  for (const { synthesizedStackPath } of Object.values(stacks)) {
    const file = join("cdktf.out", synthesizedStackPath);
    console.log(`${file} (${Math.round(statSync(join(root, file)).size / 1024)} KiB)`);
  }
  return 0;
});

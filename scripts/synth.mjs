// `npm run synth`: Terraform JSON of every environment under cdktf.out/stacks. Needs no network, no terraform, no account.
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { main, root } from "./lib/process.mjs";
import { ensure } from "./lib/setup.mjs";
import { runTypeScript } from "./lib/typescript.mjs";

await main(async () => {
  await ensure("node", "job", "jars", "bundle");
  const code = await runTypeScript("main.ts");
  if (code !== 0) return code;
  for (const stack of readdirSync(join(root, "cdktf.out/stacks")).sort()) {
    const file = join("cdktf.out/stacks", stack, "cdk.tf.json");
    if (existsSync(join(root, file))) {
      console.log(`${file} (${Math.round(statSync(join(root, file)).size / 1024)} KiB)`);
    }
  }
  return 0;
});

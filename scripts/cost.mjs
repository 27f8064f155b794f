// `npm run cost`: what each environment costs in a month, estimated from the synthesized stacks; `-- --json` in full.
import { join } from "node:path";
import { UserError, main } from "./lib/cli.mjs";
import { root, run } from "./lib/process.mjs";
import { runTypeScript } from "./lib/typescript.mjs";

await main(async (args) => {
  const unknown = args.find((arg) => arg !== "--json");
  if (unknown !== undefined)
    throw new UserError(`${unknown} is not an option; usage: npm run cost [-- --json]`, 2);
  // The output of synth goes to stderr: stdout holds the estimate alone.
  const code = await run(process.execPath, [join(root, "scripts/synth.mjs")], {
    stdio: ["inherit", 2, "inherit"],
  });
  return code === 0 ? runTypeScript("cost/main.ts", args) : code;
});

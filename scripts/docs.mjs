// `npm run docs`: writes what is made from the SQL and from the synthesized plans.
import { main } from "./lib/cli.mjs";
import { root, run } from "./lib/process.mjs";
import { runTypeScript } from "./lib/typescript.mjs";
import { ensure, python } from "./setup/parts.mjs";
import { join } from "node:path";

await main(async () => {
  await ensure("job");
  // The job's archive, which a synth makes, has the lineage.
  const lineage = await run(python("job"), [join(root, "scripts/lineage/make_lineage.py")]);
  if (lineage !== 0) return lineage;
  const code = await run(process.execPath, [join(root, "scripts/synth.mjs")]);
  return code === 0 ? runTypeScript("scripts/docs/main.ts") : code;
});

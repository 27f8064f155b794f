// `npm run diff -- ENV [--exit-code]`: preflight and the plan; changes nothing. With --exit-code, 2 means changes.
import { main } from "./lib/cli.mjs";
import { parseStack, plan, prepare, requireOwner } from "./deploy/terraform.mjs";

await main(async (args) => {
  const found = await parseStack("diff", args, ["--exit-code"]);
  const { name, flags } = found;
  requireOwner(found);
  const changed = await plan(await prepare(name));
  console.log(changed ? `${name} differs from its plan` : `${name} is as planned`);
  return changed && flags.has("--exit-code") ? 2 : 0;
});

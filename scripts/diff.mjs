// `npm run diff -- ENV [--exit-code]`: preflight and the plan; changes nothing. With --exit-code, 2 says there are changes.
import { main } from "./lib/process.mjs";
import { parseStack, plan, prepare } from "./lib/stack-command.mjs";

await main(async (args) => {
  const { name, flags } = await parseStack("diff", args, ["--exit-code"]);
  const changed = await plan(await prepare(name));
  console.log(changed ? `${name} differs from its plan` : `${name} is as planned`);
  return changed && flags.has("--exit-code") ? 2 : 0;
});

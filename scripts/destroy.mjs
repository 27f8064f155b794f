// `npm run destroy -- ENV [--yes]`: refuses a protected environment; else preflight, the plan, a confirmation, destroy.
import { main, UserError } from "./lib/cli.mjs";
import { apply, confirm, parseStack, plan, prepare } from "./deploy/terraform.mjs";

await main(async (args) => {
  const { name, isProtected, flags } = await parseStack("destroy", args, ["--yes"]);
  if (name === "bootstrap")
    throw new UserError("bootstrap holds the state of every environment: no command destroys it");
  if (isProtected)
    throw new UserError(
      `${name} is protected: first run \`DECOMMISSION=${name} npm run deploy -- ${name}\`, then \`DECOMMISSION=${name} npm run destroy -- ${name}\`, see docs/runbooks/destroy-an-environment.md`,
    );
  const stack = await prepare(name);
  await plan(stack, "-destroy");
  await confirm(`All of ${name} in ${stack.projects.join(", ")} is destroyed, its data too.`, name, flags);
  await apply(stack);
  return 0;
});

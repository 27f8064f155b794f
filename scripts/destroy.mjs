// `npm run destroy -- ENV [--yes]`: refuses a protected environment; else preflight, the plan, a confirmation, destroy.
import { main, UserError } from "./lib/cli.mjs";
import { apply, confirm, parseStack, plan, prepare, requireOwner } from "./deploy/terraform.mjs";

await main(async (args) => {
  const found = await parseStack("destroy", args, ["--yes"]);
  const { name, isProtected, flags } = found;
  if (name === "bootstrap")
    throw new UserError("bootstrap holds the state of every environment: no command destroys it");
  if (isProtected)
    throw new UserError(
      `${name} is protected: first run \`DECOMMISSION=${name} npm run deploy -- ${name}\`, then \`DECOMMISSION=${name} npm run destroy -- ${name}\`, see docs/runbooks/destroy-an-environment.md`,
    );
  requireOwner(found, ["projectId"]);
  const stack = await prepare(name);
  await plan(stack, "-destroy");
  await confirm(`All of ${name} in ${stack.projects.join(", ")} is destroyed, its data too.`, name, flags);
  await apply(stack, "-destroy");
  return 0;
});

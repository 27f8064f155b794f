// `npm run destroy -- ENV [--yes]`: refuses a protected environment; else preflight, the plan, a confirmation, destroy.
import { main, UserError, capture } from "./lib/process.mjs";
import { apply, confirm, parseStack, plan, prepare } from "./lib/stack-command.mjs";

const PROTECTED =
  "const { environments } = require('./environments'); const { isProtected } = require('./constructs/protected');" +
  "console.log(environments.filter(isProtected).map(({ name }) => name).join(' '))";

await main(async (args) => {
  const { name, flags } = parseStack("destroy", args, ["--yes"]);
  if (name === "bootstrap")
    throw new UserError("bootstrap keeps the state of every environment: it is not destroyed by a command");
  const { status, stdout } = capture(process.execPath, [
    "-r",
    "ts-node/register/transpile-only",
    "-e",
    PROTECTED,
  ]);
  if (status !== 0) throw new UserError("the environments cannot be read: run `npm run synth`");
  if (stdout.trim().split(" ").includes(name))
    throw new UserError(
      `${name} is protected: first run \`DECOMMISSION=${name} npm run deploy -- ${name}\`, then \`DECOMMISSION=${name} npm run destroy -- ${name}\`, see docs/runbooks/destroy-an-environment.md`,
    );
  const stack = await prepare(name);
  await plan(stack, "-destroy");
  await confirm(`All of ${name} in ${stack.projects.join(", ")} is destroyed, its data too.`, name, flags);
  await apply(stack);
  return 0;
});

// `npm run deploy -- ENV [--yes]`: preflight, synth, the plan, a confirmation, apply, a look at the outputs. A cluster that the plan changes is
// started for that.
import { main, UserError } from "./lib/cli.mjs";
import { startForChange } from "./deploy/cluster.mjs";
import { enableAndCheckQuotas } from "./deploy/preflight.mjs";
import * as names from "./deploy/preflight/names.mjs";
import { refuseRemoval } from "./deploy/preflight/bootstrap.mjs";
import { refuseReplacement } from "./deploy/preflight/tables.mjs";
import { apply, confirm, parseStack, plan, prepare, requireOwner } from "./deploy/terraform.mjs";

await main(async (args) => {
  const found = await parseStack("deploy", args, ["--yes"]);
  const { name, flags } = found;
  requireOwner(found);
  const stack = await prepare(name);
  if (name === "bootstrap") refuseRemoval(stack);
  else names.check(stack, stack.cloud, stack.state);
  if (await plan(stack)) {
    const planned = stack.planned();
    refuseReplacement(planned);
    await confirm(`This plan is applied to ${stack.projects.join(", ")}.`, name, flags);
    if (stack.quotasUnknown) await enableAndCheckQuotas(stack, stack.cloud);
    const stopAgain = startForChange(planned, stack.cloud);
    try {
      await apply(stack);
    } finally {
      stopAgain();
    }
  } else {
    console.log(`${name} is as planned; nothing to apply`);
  }
  const values = stack.output();
  const empty = stack.outputs.filter((key) => !values[key]?.value);
  if (empty.length > 0)
    throw new UserError(
      `outputs without a value after the apply: ${empty.join(", ")}; run \`npm run diff -- ${name}\``,
    );
  for (const key of stack.outputs)
    console.log(`${key} = ${values[key].sensitive ? "(sensitive)" : JSON.stringify(values[key].value)}`);
  console.log(
    name === "bootstrap"
      ? "next: npm run deploy -- ENVIRONMENT, development first"
      : "next: the DAG rotate_database_password makes the first password; then start sales_analytics_etl (docs/runbooks/first-deployment.md)",
  );
  return 0;
});

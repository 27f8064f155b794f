// `npm run environments`: names of the environments that have a project, as JSON, all of them and by stage, one list a line.
// The workflows take their matrices from it: nobody can plan or deploy an environment without a project.
import { readEnvironments } from "./deploy/environments.mjs";
import { main } from "./lib/cli.mjs";

await main(async () => {
  const { environments: known, stages } = await readEnvironments();
  const environments = known.filter(({ placeholders }) =>
    placeholders.every(({ field }) => field !== "projectId"),
  );
  const names = (list) => JSON.stringify(list.map(({ name }) => name));
  console.log(`all=${names(environments)}`);
  for (const stage of stages)
    console.log(`${stage}=${names(environments.filter((one) => one.stage === stage))}`);
  return 0;
});

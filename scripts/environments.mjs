// `npm run environments`: names of the environments as JSON, all of them and by stage, one list a line. The workflows take
// their matrices from it.
import { readEnvironments } from "./deploy/environments.mjs";
import { main } from "./lib/cli.mjs";

await main(async () => {
  const { environments, stages } = await readEnvironments();
  const names = (list) => JSON.stringify(list.map(({ name }) => name));
  console.log(`all=${names(environments)}`);
  for (const stage of stages)
    console.log(`${stage}=${names(environments.filter((one) => one.stage === stage))}`);
  return 0;
});

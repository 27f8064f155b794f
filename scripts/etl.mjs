// `npm run etl -- --lake DIR --warehouse DIR [--start D --end D]`: the sales job on this machine.
import { main, refuseOptionsTakenByNpm } from "./lib/cli.mjs";
import { updateForecast } from "./local/forecast.mjs";
import { runJob } from "./local/job.mjs";

await main(async (args) => {
  // The job itself checks the rest of its arguments.
  refuseOptionsTakenByNpm(args, ["lake", "warehouse"]);
  const code = await runJob(args);
  if (code === 0) await updateForecast(args);
  return code;
});

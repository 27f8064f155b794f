// `npm run etl -- --lake DIR --warehouse DIR [--start D --end D]`: the sales job on this machine.
import { runJob } from "./local/job.mjs";
import { main } from "./lib/cli.mjs";

await main(runJob);

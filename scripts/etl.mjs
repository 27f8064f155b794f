// `npm run etl -- --lake DIR --warehouse DIR [--start D --end D]`: the sales job on this machine.
import { runJob } from "./lib/job.mjs";
import { main } from "./lib/process.mjs";

await main(runJob);

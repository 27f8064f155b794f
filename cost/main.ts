import { join } from "node:path";
import { AS_OF, CURRENCY, REGION } from "./price-list";
import { readEstimates } from "./read-estimates";
import { table } from "./table";

const stacks = readEstimates(join(__dirname, "../cdktf.out"));
if (process.argv.includes("--json")) {
  console.log(JSON.stringify({ currency: CURRENCY, region: REGION, asOf: AS_OF, stacks }, null, 2));
} else {
  console.log(table(stacks));
}

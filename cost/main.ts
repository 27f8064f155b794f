import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { estimate } from "./estimate";
import { AS_OF, CURRENCY, REGION } from "./price-list";
import { StackJson } from "./stack";
import { table } from "./table";

const stacks = join(__dirname, "../cdktf.out/stacks");
const file = (stack: string): string => join(stacks, stack, "cdk.tf.json");
const estimates = readdirSync(stacks)
  .filter((stack) => existsSync(file(stack)))
  .map((stack) => estimate(stack, JSON.parse(readFileSync(file(stack), "utf8")) as StackJson));
// From the smallest to the largest: the order in which they are deployed.
estimates.sort((a, b) => a.usd - b.usd);

if (process.argv.includes("--json")) {
  console.log(
    JSON.stringify({ currency: CURRENCY, region: REGION, asOf: AS_OF, stacks: estimates }, null, 2),
  );
} else {
  console.log(table(estimates));
}

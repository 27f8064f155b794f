// What to change in each environment, by what has happened: the history comes as JSON on standard input.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { environments } from "../environments";
import { advise } from "./advice/advisers";
import { historyOf, RawHistory } from "./advice/raw-history";
import { costOf, daysOf, isEnough } from "./advice/history";
import { planOf } from "./advice/plan";
import { StackJson } from "./synthesized-stack";

const [chosen] = process.argv.slice(2);
const history = historyOf(JSON.parse(readFileSync(0, "utf8")) as RawHistory);
const days = String(daysOf(history));
console.log(`${String(history.runs.length)} runs in ${days} days`);
const cost = costOf(history);
if (cost !== undefined) {
  const each = (cost.usd / cost.runs).toFixed(2);
  console.log(`the jobs of ${String(cost.runs)} of them cost ${cost.usd.toFixed(2)} USD, ${each} each`);
}
if (!isEnough(history))
  console.log("20 runs in 28 days are needed to advise on the cluster, its workers and office hours");
const listed = environments.filter(({ name }) => chosen === undefined || name === chosen);
// Without any data, even "nothing to change" would be said too much.
for (const { name, stage } of isEnough(history) || (history.tables ?? []).length > 0 ? listed : []) {
  const file = join(__dirname, "../cdktf.out/stacks", name, "cdk.tf.json");
  const plan = planOf(name, stage, JSON.parse(readFileSync(file, "utf8")) as StackJson);
  const found = advise(plan, history);
  console.log(
    `\n${name}: ${found.length === 0 ? "nothing to change" : `${String(found.length)} to consider`}`,
  );
  for (const { change, reason, usdPerMonth } of found) {
    const sum = `${usdPerMonth < 0 ? "costs" : "saves"} ${Math.abs(usdPerMonth).toFixed(2)} USD a month`;
    console.log(`- ${change}\n  ${sum}: ${reason}`);
  }
}
console.log("\nPrices are estimates: see `npm run cost` and docs/platform/cost.md.");

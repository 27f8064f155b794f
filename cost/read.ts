import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Estimate, estimate } from "./estimate";
import { StackJson } from "./stack";

/**
 * Estimates every stack that was synthesized, the cheapest first: the order in which they are deployed.
 *
 * @param folder holds `<stack>/cdk.tf.json`; what is not there gives no estimate
 * @throws SyntaxError when a file is no JSON, Error for a schedule that is not the same every week
 */
export function readEstimates(folder: string): Estimate[] {
  if (!existsSync(folder)) return [];
  const file = (stack: string): string => join(folder, stack, "cdk.tf.json");
  return readdirSync(folder)
    .filter((stack) => existsSync(file(stack)))
    .map((stack) => estimate(stack, JSON.parse(readFileSync(file(stack), "utf8")) as StackJson))
    .sort((a, b) => a.usd - b.usd);
}

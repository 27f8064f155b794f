import { join } from "node:path";
import { readEstimates } from "../cost/read-estimates";
import {
  BASIS,
  componentRows,
  dollars,
  notEstimated,
  otherRegions,
  savingRows,
  unconfirmed,
} from "../cost/summary";
import type { Cost } from "./page/data/document";

/** The folder that `npm run synth` writes. */
const SYNTHESIZED = join(__dirname, "../cdktf.out");

/**
 * The cost of the platform, by the code of `npm run cost`.
 *
 * @param synthesized the folder that `npm run synth` writes; without a whole stack in it, the reason why there is no cost
 */
export function reportedCost(synthesized: string): Cost {
  try {
    const estimates = readEstimates(synthesized);
    if (estimates.length === 0) return { missing: "no stack is synthesized" };
    const basis = [...BASIS, otherRegions(estimates), unconfirmed(estimates)];
    return {
      basis: basis.filter((sentence) => sentence !== undefined),
      stacks: estimates.map(({ stack }) => stack),
      usd: estimates.map(({ usd }) => dollars(usd)),
      components: componentRows(estimates),
      savings: savingRows(estimates),
      unknown: notEstimated(estimates),
    };
  } catch (error) {
    // A half-written stack must not hide the sales figures.
    return { missing: (error as Error).message };
  }
}

if (require.main === module) console.log(JSON.stringify(reportedCost(process.argv[2] ?? SYNTHESIZED)));

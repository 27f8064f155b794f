import { Adviser } from "./advice";
import { isEnough } from "./history";
import { LEAST_WORKERS, doWithFewest } from "./workers";

/** Where more runs fail, workers that may be taken away at any time do not help. */
const FAILED_SHARE = 0.05;

/** Spot workers instead of primary ones, where the workers are needed and runs seldom fail. */
export const spotShare: Adviser = (plan, history) => {
  const { environment, cluster } = plan;
  const replaced = cluster.primaryWorkers - LEAST_WORKERS;
  if (!isEnough(history) || replaced <= 0 || doWithFewest(plan, history)) return [];
  const failed = history.runs.filter(({ status }) => status === "failed").length;
  if (failed > FAILED_SHARE * history.runs.length) return [];
  const all = String(history.runs.length);
  return [
    {
      change: `environments/${environment}.ts: processing.primaryWorkers: ${String(LEAST_WORKERS)}, and ${String(replaced)} more spotWorkers`,
      reason: `runs need ${String(cluster.primaryWorkers)} workers, and ${String(failed)} of ${all} failed: spot workers do the same for less`,
      usdPerMonth: replaced * (cluster.usdPerWorkerHour - cluster.usdPerSpotWorkerHour) * cluster.hours,
    },
  ];
};

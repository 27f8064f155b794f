import { Adviser } from "./advice";
import { isEnough, usualHours } from "./history";
import { Plan } from "./plan";
import { History } from "./history";

/** Fewer a Dataproc cluster with workers does not have. */
export const LEAST_WORKERS = 2;

/** Part of the deadline that a run may take. */
const CLOSE = 0.8;
const AMPLE = 0.25;

/** Whether runs would end in a part of the deadline with the fewest workers, if they took longer in proportion. */
export function doWithFewest({ cluster, deadlineHours }: Plan, history: History): boolean {
  return (usualHours(history) * cluster.primaryWorkers) / LEAST_WORKERS <= AMPLE * deadlineHours;
}

/** More workers where runs come close to the deadline, fewer where they are far from it. */
export const workers: Adviser = (plan, history) => {
  const { environment, cluster, deadlineHours } = plan;
  if (!isEnough(history)) return [];
  const [hours, count] = [usualHours(history), cluster.primaryWorkers];
  const setting = `environments/${environment}.ts: processing.primaryWorkers`;
  const taken = `95 of 100 runs take up to ${hours.toFixed(1)} of ${String(deadlineHours)} hours`;
  if (hours > CLOSE * deadlineHours) {
    return [
      {
        change: `${setting}: ${String(count + 1)}`,
        reason: `${taken}: a slower day is late`,
        usdPerMonth: -cluster.usdPerWorkerHour * cluster.hours,
      },
    ];
  }
  if (count <= LEAST_WORKERS || !doWithFewest(plan, history)) return [];
  return [
    {
      change: `${setting}: ${String(LEAST_WORKERS)}`,
      reason: `${taken} with ${String(count)} workers; with ${String(LEAST_WORKERS)} they are still far from it`,
      usdPerMonth: (count - LEAST_WORKERS) * cluster.usdPerWorkerHour * cluster.hours,
    },
  ];
};

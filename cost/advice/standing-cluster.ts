import { HOURS_PER_MONTH } from "../assumptions";
import { Adviser } from "./advice";
import { daysOf, hoursOf, isEnough, perMonth } from "./history";

/** Hours that a cluster needs to start, and to stop when it has nothing to do. */
const START_AND_STOP_HOURS = 0.25;

/** A cluster may stand at most so much of the time without work. */
const IDLE_SHARE = 0.5;

/** A cluster that always runs and seldom works. */
export const standingCluster: Adviser = ({ environment, cluster }, history) => {
  if (!cluster.standing || !isEnough(history)) return [];
  const used = history.runs.reduce((total, run) => total + hoursOf(run) + START_AND_STOP_HOURS, 0);
  const hours = perMonth(used, daysOf(history));
  if (hours > (1 - IDLE_SHARE) * HOURS_PER_MONTH) return [];
  return [
    {
      change: `environments/${environment}.ts: processing.standing: false`,
      reason: `the cluster works ${hours.toFixed(0)} of ${String(HOURS_PER_MONTH)} hours a month; started for each run, it costs money only then`,
      usdPerMonth: (HOURS_PER_MONTH - hours) * cluster.usdPerHour,
    },
  ];
};

import { Advice, Adviser } from "./advice";
import { History } from "./history";
import { officeHours } from "./office-hours";
import { partitionFilters } from "./partition-filters";
import { Plan } from "./plan";
import { spotShare } from "./spot-share";
import { standingCluster } from "./standing-cluster";
import { unusedTables } from "./unused-tables";
import { workers } from "./workers";

const ADVISERS: readonly Adviser[] = [
  standingCluster,
  workers,
  spotShare,
  officeHours,
  partitionFilters,
  unusedTables,
];

/** All advice, the largest saving first. */
export function advise(plan: Plan, history: History): Advice[] {
  return ADVISERS.flatMap((adviser) => adviser(plan, history)).sort((a, b) => b.usdPerMonth - a.usdPerMonth);
}

import { prices } from "../../cost/prices.json";
import { Environment } from "../../environments/environment";
import { machineOf, usdPerHour } from "../processing/machine-types";

/** Plain and short: a millionth of a dollar an hour is nothing. */
const plain = (usd: number): string => String(Number(usd.toFixed(6)));

/**
 * What a run of the job is paid by: the stack's own numbers and prices, which the job multiplies by its seconds and
 * bytes. Machines without a price are left out, and so is then what a run costs.
 */
export function runPrices({
  processing,
  warehouse,
}: Pick<Environment, "processing" | "warehouse">): Readonly<Record<string, string>> {
  const [master, worker] = [machineOf(processing.masterType), machineOf(processing.workerType)];
  return {
    PRIMARY_WORKERS: String(processing.primaryWorkers),
    ...(master &&
      worker && {
        CLUSTER_USD_PER_HOUR: plain(usdPerHour(master) + processing.primaryWorkers * usdPerHour(worker)),
        SPOT_WORKER_USD_PER_HOUR: plain(usdPerHour(worker, "spot.")),
      }),
    // Reserved slots cost the same with a run and without it.
    QUERY_USD_PER_TIB: plain(warehouse.slots === undefined ? prices["bigquery.query"].usd : 0),
  };
}

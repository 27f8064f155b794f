import { parseRange } from "../ip-ranges";
import { Environment } from "../environment";
import { Report } from "./report";

const IMAGE = /^composer-3-airflow-2\.\d+\.\d+(-build\.\d+)?$/;
/** Family, shape and size of a Compute Engine machine type that Dataproc runs on. */
const MACHINE =
  /^(e2|n1|n2|n2d|c2d|c3|c3d|n4|t2d)-(standard|highmem|highcpu)-(2|4|8|16|22|30|32|44|48|56|60|64|80|88|90|96|112|128|176|180|224|360)$/;

export function processing(environment: Environment, report: Report): void {
  const { masterType, workerType, primaryWorkers, spotWorkers, diskGb } = environment.processing;
  for (const [field, type] of [
    ["masterType", masterType],
    ["workerType", workerType],
  ] as const) {
    if (!MACHINE.test(type)) {
      report(
        `processing.${field}`,
        `'${type}' is no machine type known here, write for example n2-standard-4`,
      );
    }
  }
  if (primaryWorkers.min < 2) report("processing.primaryWorkers", `${primaryWorkers.min} must be at least 2`);
  if (spotWorkers.min < 0) report("processing.spotWorkers", `${spotWorkers.min} must be at least 0`);
  for (const [field, workers] of Object.entries({ primaryWorkers, spotWorkers })) {
    if (workers.max < workers.min)
      report(`processing.${field}`, `max ${workers.max} is below min ${workers.min}`);
  }
  if (diskGb < 30) report("processing.diskGb", `${diskGb} must be at least 30`);
}

export function orchestration(environment: Environment, report: Report): void {
  const { imageVersion, worker, scheduler, highResilience, webAccess, firstDay, runHour } =
    environment.orchestration;
  if (!isDay(firstDay)) report("orchestration.firstDay", `'${firstDay}' is no day written yyyy-MM-dd`);
  if (!Number.isInteger(runHour) || runHour < 0 || runHour > 23) {
    report("orchestration.runHour", `${runHour} is not an hour from 0 to 23`);
  }
  // The provider tells generations apart by this text alone, and an Airflow 3 image exists.
  if (!IMAGE.test(imageVersion)) {
    report("orchestration.imageVersion", `'${imageVersion}' is not composer-3-airflow-2.x.y`);
  }
  if (worker.max < worker.min) report("orchestration.worker", `max ${worker.max} is below min ${worker.min}`);
  if (scheduler.cpu < 0.5 || scheduler.cpu > 1) {
    report("orchestration.scheduler", `${scheduler.cpu} CPUs: Composer 3 gives each scheduler 0.5 to 1`);
  }
  if (highResilience && (scheduler.count < 2 || worker.min < 2)) {
    report("orchestration.highResilience", "needs 2 schedulers and 2 workers at least");
  }
  webAccess.forEach(({ range }, index) => {
    const parsed = parseRange(range);
    if (typeof parsed === "string") report(`orchestration.webAccess[${index}]`, parsed);
    else if (parsed.prefix === 0)
      report(`orchestration.webAccess[${index}]`, `${range} is everybody, name a network`);
  });
  if (webAccess.length === 0)
    report("orchestration.webAccess", "names no network: nobody could open Airflow");
}

function isDay(text: string): boolean {
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text) && text.length === 10;
}

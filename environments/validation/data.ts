import { Environment } from "../environment";
import { Report } from "./report";

const CRON = /^([\d*,/-]+ ){2}([\d*,/-]+ )([\w*,/-]+ )[\w*,/-]+$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;

export function lake(environment: Environment, report: Report): void {
  const { noncurrentDays, softDeleteDays, archiveRetentionDays, archiveLocked } = environment.lake;
  if (noncurrentDays < 1) report("lake.noncurrentDays", `${noncurrentDays} must be at least 1`);
  if (softDeleteDays < 7 || softDeleteDays > 90)
    report("lake.softDeleteDays", `${softDeleteDays} is not 7 to 90`);
  if (archiveRetentionDays !== undefined && (archiveRetentionDays < 1 || archiveRetentionDays > 24_855)) {
    report("lake.archiveRetentionDays", `${archiveRetentionDays} is not 1 to 24855`);
  }
  if (archiveLocked && archiveRetentionDays === undefined) {
    report("lake.archiveLocked", "there is no retention to lock, set archiveRetentionDays");
  }
  const { rotationDays, firstRotation } = environment.secrets;
  if (rotationDays < 1) report("secrets.rotationDays", `${rotationDays} must be at least 1`);
  if (!INSTANT.test(firstRotation) || Number.isNaN(Date.parse(firstRotation))) {
    report("secrets.firstRotation", `'${firstRotation}' is no time, write for example 2027-02-01T03:00:00Z`);
  }
}

export function database(environment: Environment, report: Report): void {
  const { cpus, memoryGb, availability, pointInTimeRecovery, crossRegion, maxConnections, restoreDrill } =
    environment.database;
  if (restoreDrill !== undefined && !CRON.test(restoreDrill)) {
    report("database.restoreDrill", `'${restoreDrill}' is no cron expression, write for example 0 6 * * 1`);
  }
  if (cpus !== 1 && (cpus % 2 !== 0 || cpus < 2 || cpus > 96)) {
    report("database.cpus", `${cpus} must be 1 or an even number up to 96`);
  }
  // Cloud SQL's rule for custom machines, in steps of 256 MB.
  if (memoryGb < Math.max(3.75, cpus * 0.9) || memoryGb > cpus * 6.5 || (memoryGb * 1024) % 256 !== 0) {
    report("database.memoryGb", `${memoryGb} must be 0.9 to 6.5 for each of ${cpus} CPUs, at least 3.75`);
  }
  if (availability === "REGIONAL" && !pointInTimeRecovery) {
    report("database.pointInTimeRecovery", "a REGIONAL instance needs it");
  }
  if (crossRegion && environment.recoveryRegion === undefined) {
    report("database.crossRegion", "there is no second region, set recoveryRegion");
  }
  if (maxConnections < 25 || maxConnections > memoryGb * 100) {
    report("database.maxConnections", `${maxConnections} must be 25 to 100 for each of ${memoryGb} GB`);
  }
}

export function warehouse(environment: Environment, report: Report): void {
  const { timeTravelHours, slots, quarantineDays, biEngineGib, maximumGibBilled } = environment.warehouse;
  if (!Number.isInteger(maximumGibBilled) || maximumGibBilled < 1) {
    report("warehouse.maximumGibBilled", `${maximumGibBilled} must be a whole number of at least 1`);
  }
  if (timeTravelHours < 48 || timeTravelHours > 168 || timeTravelHours % 24 !== 0) {
    report("warehouse.timeTravelHours", `${timeTravelHours} must be 48, 72, ... or 168`);
  }
  if (quarantineDays !== undefined && quarantineDays < 1) {
    report("warehouse.quarantineDays", `${quarantineDays} must be at least 1`);
  }
  if (biEngineGib !== undefined && (biEngineGib < 1 || biEngineGib > 250)) {
    report("warehouse.biEngineGib", `${biEngineGib} must be 1 to 250`);
  }
  if (slots && (slots.baseline % 50 !== 0 || slots.max % 50 !== 0 || slots.max <= slots.baseline)) {
    report("warehouse.slots", "baseline and max must be multiples of 50, max the larger");
  }
}

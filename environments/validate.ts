import { dualRegion, isRegion } from "../constructs/regions";
import { bucketName, resourceName } from "../constructs/naming";
import { minutesOfWeek, opensFor } from "./office-hours";
import { parseRange, Range } from "./ranges";
import { Environment } from "./types";

type Report = (field: string, message: string) => void;

const NAME = /^[a-z][a-z0-9]{1,9}$/;
const PROJECT = /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/;
const LABEL = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;
const PRINCIPAL = /^(user|group|serviceAccount|domain):[^\s:]+$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;
const EMAIL = /^[^\s@,]+@[^\s@,]+\.[^\s@,]+$/;
const BILLING_ACCOUNT = /^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$/;
/** Most channels that a budget takes. */
const MOST_EMAILS = 5;
const CRON = /^([\d*,/-]+ ){2}([\d*,/-]+ )([\w*,/-]+ )[\w*,/-]+$/;
const IMAGE = /^composer-3-airflow-2\.\d+\.\d+(-build\.\d+)?$/;
/** Family, shape and size of a Compute Engine machine type that Dataproc runs on. */
const MACHINE =
  /^(e2|n1|n2|n2d|c2d|c3|c3d|n4|t2d)-(standard|highmem|highcpu)-(2|4|8|16|22|30|32|44|48|56|60|64|80|88|90|96|112|128|176|180|224|360)$/;

/**
 * Checks one environment before anything is built from it.
 *
 * @returns one line for each mistake, `<environment>: <field>: <what is wrong and what would be right>`
 */
export function problemsOf(environment: Environment): string[] {
  const problems: string[] = [];
  const report: Report = (field, message) => {
    problems.push(`${environment.name}: ${field}: ${message}`);
  };
  identity(environment, report);
  protection(environment, report);
  network(environment, report);
  lake(environment, report);
  database(environment, report);
  warehouse(environment, report);
  processing(environment, report);
  orchestration(environment, report);
  access(environment, report);
  notifications(environment, report);
  operations(environment, report);
  officeHours(environment, report);
  return problems;
}

/** Checks every environment, alone and beside the others; throws all mistakes, one a line. */
export function validated(environments: readonly Environment[]): readonly Environment[] {
  const problems = environments.flatMap(problemsOf);
  for (const field of ["name", "projectId"] as const) {
    environments.forEach((environment, index) => {
      const first = environments.findIndex((other) => other[field] === environment[field]);
      if (first < index) {
        problems.push(
          `${environment.name}: ${field}: '${environment[field]}' is ${environments[first]?.name ?? ""}'s already, give each its own`,
        );
      }
    });
  }
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return environments;
}

function identity(environment: Environment, report: Report): void {
  const { name, projectId, region, recoveryRegion } = environment;
  if (!NAME.test(name)) report("name", `'${name}' must be 2 to 10 lower-case letters and digits`);
  if (!PROJECT.test(projectId)) {
    report("projectId", `'${projectId}' is no project id: 6 to 30 lower-case letters, digits and hyphens`);
  }
  try {
    bucketName(projectId, "access-log");
    resourceName(name, "orchestrator", "serviceAccount");
  } catch (error) {
    report("name", (error as Error).message);
  }
  if (!isRegion(region)) report("region", `'${region}' is no region, write for example us-central1`);
  if (recoveryRegion !== undefined) {
    if (!isRegion(recoveryRegion)) report("recoveryRegion", `'${recoveryRegion}' is no region`);
    else if (recoveryRegion === region) {
      report("recoveryRegion", `'${recoveryRegion}' is the region itself, choose another`);
    } else if (continent(recoveryRegion) === undefined || continent(recoveryRegion) !== continent(region)) {
      report(
        "recoveryRegion",
        `'${recoveryRegion}' and '${region}' share no dual-region bucket, choose one nearby`,
      );
    }
  }
  for (const field of ["team", "costCenter"] as const) {
    if (!LABEL.test(environment[field])) {
      report(
        field,
        `'${environment[field]}' is no label: start with a letter, then letters, digits and hyphens`,
      );
    }
  }
}

function continent(region: string): string | undefined {
  try {
    return dualRegion(region);
  } catch {
    return undefined;
  }
}

function protection(environment: Environment, report: Report): void {
  if (environment.name !== "prod") return;
  if (environment.protection === "destroyable") report("protection", "prod must be 'protected'");
  if (environment.customerKeys === undefined) report("customerKeys", "prod must encrypt with its own keys");
  if (environment.recoveryRegion === undefined) report("recoveryRegion", "prod needs a second region");
  if (environment.lake.archiveRetentionDays === undefined) {
    report("lake.archiveRetentionDays", "prod must keep its archive write-once");
  }
  if (environment.database.availability !== "REGIONAL")
    report("database.availability", "prod must be 'REGIONAL'");
  if (!environment.database.pointInTimeRecovery) report("database.pointInTimeRecovery", "prod must have it");
  if (!environment.database.crossRegion) report("database.crossRegion", "prod must have a replica");
  if (!environment.orchestration.highResilience) report("orchestration.highResilience", "prod must have it");
}

function network(environment: Environment, report: Report): void {
  const ranges: [string, Range][] = [];
  for (const [field, text] of Object.entries(environment.network) as [string, string][]) {
    const range = parseRange(text);
    if (typeof range === "string") report(`network.${field}`, range);
    else ranges.push([field, range]);
  }
  const [internal] = ranges.filter(([field]) => field === "composerInternal");
  if (internal && internal[1].prefix !== 20)
    report("network.composerInternal", "Composer takes exactly a /20");
  ranges.forEach(([field, range], index) => {
    for (const [other, earlier] of ranges.slice(0, index)) {
      if (range.first <= earlier.last && earlier.first <= range.last) {
        report(`network.${field}`, `${range.text} overlaps ${other} (${earlier.text})`);
      }
    }
  });
}

function lake(environment: Environment, report: Report): void {
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

function database(environment: Environment, report: Report): void {
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

function warehouse(environment: Environment, report: Report): void {
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

function processing(environment: Environment, report: Report): void {
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

function isDay(text: string): boolean {
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text) && text.length === 10;
}

function orchestration(environment: Environment, report: Report): void {
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

function access(environment: Environment, report: Report): void {
  for (const [field, members] of Object.entries(environment.access) as [string, readonly string[]][]) {
    for (const member of members) {
      if (!PRINCIPAL.test(member)) {
        report(
          `access.${field}`,
          `'${member}' is no principal, write for example group:analysts@example.com`,
        );
      }
    }
  }
}

function notifications(environment: Environment, report: Report): void {
  const { emails, channels, deadlineHours } = environment.notifications;
  for (const email of emails) {
    if (!EMAIL.test(email)) report("notifications.emails", `'${email}' is no address`);
  }
  channels.forEach((range, index) => {
    const parsed = parseRange(range);
    if (typeof parsed === "string") report(`notifications.channels[${index}]`, parsed);
    else if (parsed.prefix === 0)
      report(`notifications.channels[${index}]`, `${range} is everywhere, name the servers' networks`);
  });
  if (!Number.isInteger(deadlineHours) || deadlineHours < 1 || deadlineHours > 23) {
    report("notifications.deadlineHours", `${deadlineHours} is not an hour from 1 to 23`);
  }
}

function operations(environment: Environment, report: Report): void {
  const { alertEmails, maximumQuarantineShare, auditDays, monthlyBudget, billingAccount } =
    environment.operations;
  if (alertEmails.length === 0) report("operations.alertEmails", "names nobody: no alert would be heard");
  if (alertEmails.length > MOST_EMAILS) {
    report("operations.alertEmails", `${alertEmails.length} are more than ${MOST_EMAILS}, name a group`);
  }
  for (const email of alertEmails) {
    if (!EMAIL.test(email)) report("operations.alertEmails", `'${email}' is no address`);
  }
  if (!(maximumQuarantineShare > 0 && maximumQuarantineShare < 0.05)) {
    report(
      "operations.maximumQuarantineShare",
      `${maximumQuarantineShare} is not above 0 and below 0.05, beyond which the job refuses a run`,
    );
  }
  if (!Number.isInteger(auditDays) || auditDays < 1 || auditDays > 3650) {
    report("operations.auditDays", `${auditDays} is not 1 to 3650`);
  }
  if (!Number.isInteger(monthlyBudget) || monthlyBudget < 1) {
    report("operations.monthlyBudget", `${monthlyBudget} must be a whole number of at least 1`);
  }
  if (billingAccount !== undefined && !BILLING_ACCOUNT.test(billingAccount)) {
    report("operations.billingAccount", `'${billingAccount}' is not written 012345-6789AB-CDEF01`);
  }
}

function officeHours({ officeHours: hours, database }: Environment, report: Report): void {
  if (hours === undefined) return;
  try {
    new Intl.DateTimeFormat("en", { timeZone: hours.timeZone });
    minutesOfWeek(hours.open);
    minutesOfWeek(hours.close);
  } catch (error) {
    report("officeHours", (error as Error).message);
    return;
  }
  try {
    if (database.restoreDrill !== undefined && !opensFor(hours, database.restoreDrill)) {
      report(
        "database.restoreDrill",
        `'${database.restoreDrill}' (UTC) is outside officeHours: a drill asks the live database too`,
      );
    }
  } catch (error) {
    report("database.restoreDrill", (error as Error).message);
  }
}

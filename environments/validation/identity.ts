import { bucketName, resourceName } from "../naming";
import { dualRegion, isRegion } from "../locations";
import { Environment } from "../environment";
import { Report } from "./report";

const NAME = /^[a-z][a-z0-9]{1,9}$/;
const PROJECT = /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/;
const LABEL = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;
const PRINCIPAL = /^(user|group|serviceAccount|domain):[^\s:]+$/;

export function identity(environment: Environment, report: Report): void {
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

/** Rules of the stage production. */
export function production(environment: Environment, report: Report): void {
  if (environment.stage !== "production") return;
  const { protection, customerKeys, recoveryRegion, lake, database, orchestration } = environment;
  if (protection === "destroyable") report("protection", "production must be 'protected'");
  if (customerKeys === undefined) report("customerKeys", "production must encrypt with its own keys");
  if (recoveryRegion === undefined) report("recoveryRegion", "production needs a second region");
  if (lake.archiveRetentionDays === undefined)
    report("lake.archiveRetentionDays", "production must keep its archive write-once");
  if (database.availability !== "REGIONAL") report("database.availability", "production must be 'REGIONAL'");
  if (!database.pointInTimeRecovery) report("database.pointInTimeRecovery", "production must have it");
  if (!database.crossRegion) report("database.crossRegion", "production must have a replica");
  if (!orchestration.highResilience) report("orchestration.highResilience", "production must have it");
}

export function access(environment: Environment, report: Report): void {
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

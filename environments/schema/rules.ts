import { z } from "zod";
import type { Environment } from "../environment";
import { shareDualRegion } from "../locations";
import { bucketName, resourceName } from "../naming";
import { isPrivateRange } from "./ip-ranges";
import { inMaintenance, MAINTENANCE } from "../maintenance";
import { isOpen } from "../office-hours";

/** A rule over several sections: where it is reported, whether the environment keeps it, and the message if not. */
type Rule = readonly [field: string, kept: (environment: Environment) => boolean, message: string];

const EVERYWHERE: readonly Rule[] = [
  [
    "recoveryRegion",
    ({ region, recoveryRegion }) => recoveryRegion !== region,
    "is region itself, choose another",
  ],
  [
    "recoveryRegion",
    ({ region, recoveryRegion }) => recoveryRegion === undefined || shareDualRegion(region, recoveryRegion),
    "shares no dual-region bucket with region, choose one nearby",
  ],
  [
    "database.crossRegion",
    ({ database, recoveryRegion }) => !database.crossRegion || recoveryRegion !== undefined,
    "there is no second region, set recoveryRegion",
  ],
  [
    "warehouse.crossRegion",
    ({ warehouse, recoveryRegion }) => !warehouse.crossRegion || recoveryRegion !== undefined,
    "there is no second region, set recoveryRegion",
  ],
  [
    "database.restoreDrill",
    ({ officeHours, database: { restoreDrill } }) =>
      officeHours === undefined || restoreDrill === undefined || isOpen(officeHours, restoreDrill),
    "starts outside officeHours, but it reads the live database too",
  ],
  [
    "orchestration.runHour",
    ({ orchestration }) => !inMaintenance(orchestration.runHour),
    `is from ${MAINTENANCE.from} to ${MAINTENANCE.to}, when Composer and Cloud SQL may be maintained, choose another`,
  ],
  [
    "organization.perimeter",
    ({ organization }) => organization.perimeter === "dry-run" || organization.accessPolicyId !== undefined,
    "is not possible without a perimeter, set organization.accessPolicyId",
  ],
  [
    "orchestration.webAccess",
    ({ organization, orchestration }) =>
      organization.accessPolicyId === undefined ||
      orchestration.webAccess.every(({ range }) => !isPrivateRange(range)),
    "has a private network, which an access level of a perimeter does not take, name the public one",
  ],
];

const IN_PRODUCTION: readonly Rule[] = [
  ["protection", ({ protection }) => protection !== "destroyable", "is not allowed in production"],
  ["customerKeys", ({ customerKeys }) => customerKeys !== undefined, "production needs its own keys"],
  [
    "recoveryRegion",
    ({ recoveryRegion }) => recoveryRegion !== undefined,
    "production needs a second region",
  ],
  [
    "lake.archiveRetentionDays",
    ({ lake }) => lake.archiveRetentionDays !== undefined,
    "production needs an archive that cannot be changed",
  ],
  [
    "database.availability",
    ({ database }) => database.availability === "REGIONAL",
    "is not allowed in production",
  ],
  ["database.pointInTimeRecovery", ({ database }) => database.pointInTimeRecovery, "production needs it"],
  ["database.crossRegion", ({ database }) => database.crossRegion, "production needs a replica"],
  ["warehouse.crossRegion", ({ warehouse }) => warehouse.crossRegion, "production needs a copy"],
  [
    "orchestration.highResilience",
    ({ orchestration }) => orchestration.highResilience,
    "production needs it",
  ],
];

export function rules(environment: Environment, context: z.RefinementCtx): void {
  const report = (field: string, message: string): void => {
    context.addIssue({ code: "custom", path: field.split("."), message });
  };
  const stageRules = environment.stage === "production" ? IN_PRODUCTION : [];
  for (const [field, kept, message] of [...EVERYWHERE, ...stageRules])
    if (!kept(environment)) report(field, message);
  try {
    // The longest names that a stack makes of these two.
    bucketName(environment.projectId, "access-log");
    resourceName(environment.name, "orchestrator", "serviceAccount");
  } catch (error) {
    report("name", `makes a wrong ${(error as Error).message}`);
  }
}

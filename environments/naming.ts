/**
 * Every name the platform gives away, as pure functions of the configuration: a service can be told another's
 * name before either exists, and a name that its API would refuse after minutes is refused at synth.
 */

/** Prefix of every resource name. */
export const APPLICATION = "sales";

/** Longest name each API takes; from the APIs' references. */
export const LIMITS = {
  /** Network, subnet, router, firewall and most of Compute Engine. */
  compute: 63,
  bucket: 63,
  serviceAccount: 30,
  /** Dataproc: 2 to 52 characters, so that node suffixes fit. */
  cluster: 52,
  composer: 63,
  /** Cloud SQL: project and instance together at most 98; 63 leaves room for the longest project id. */
  sqlInstance: 63,
} as const;

export type NameKind = keyof typeof LIMITS;

const NAME = /^[a-z][a-z0-9-]*[a-z0-9]$/;

function checked(name: string, kind: NameKind): string {
  const limit = LIMITS[kind];
  if (name.length > limit) {
    throw new Error(`name '${name}' has ${name.length} characters, ${kind} takes ${limit}: shorten it`);
  }
  if (!NAME.test(name)) {
    throw new Error(`name '${name}' must be lower-case letters, digits and hyphens, starting with a letter`);
  }
  if (kind === "serviceAccount" && name.length < 6) {
    throw new Error(`name '${name}' has ${name.length} characters, serviceAccount needs 6: lengthen it`);
  }
  return name;
}

/** `sales-<environment>-<role>`, checked against the limit of `kind`. */
export function resourceName(environment: string, role: string, kind: NameKind = "compute"): string {
  return checked(`${APPLICATION}-${environment}-${role}`, kind);
}

/** `<project>-<role>`: bucket names are global, project ids are globally unique already. */
export function bucketName(projectId: string, role: string): string {
  return checked(`${projectId}-${role}`, "bucket");
}

/** E-mail of the service account `sales-<environment>-<role>`. */
export function accountEmail(projectId: string, environment: string, role: string): string {
  return `${resourceName(environment, role, "serviceAccount")}@${projectId}.iam.gserviceaccount.com`;
}

/** Dataset ids take letters, digits and underscores only. */
export function datasetId(environment: string): string {
  return `${APPLICATION}_analytics_${environment.replaceAll("-", "_")}`;
}

/** Private zone of the platform's own services, without the final dot. */
export function internalDomain(environment: string): string {
  return `${APPLICATION}-${environment}.internal`;
}

/** Name under which the database is reached: known at synth, so nothing waits for the instance's address. */
export function databaseHost(environment: string): string {
  return `postgres.${internalDomain(environment)}`;
}

/** Ids of custom roles take letters, digits, underscores and periods. */
export function roleId(environment: string, role: string): string {
  return `${APPLICATION}_${environment}_${role}`.replaceAll("-", "_");
}

/** Bucket of the Terraform state: bootstrap makes it, the environment's stack keeps its state there. */
export function stateBucketName(projectId: string): string {
  return bucketName(projectId, STATE_ROLE);
}

/** Role part of {@link stateBucketName}. */
export const STATE_ROLE = "tfstate";

/** Prefix of the throwaway database instances of the restore drill. */
export function drillInstancePrefix(environment: string): string {
  return `${resourceName(environment, "drill")}-`;
}

/**
 * All resource names, computed from the configuration, so that one resource can reference another's name before it
 * exists. A name that its API would refuse after minutes is refused at synth.
 */

/** Prefix of every resource name. */
export const APPLICATION = "sales";

/** Maximum length of names, from the references of the APIs. */
export const LIMITS = {
  /** Network, subnet, router, firewall and most of Compute Engine. */
  compute: 63,
  bucket: 63,
  serviceAccount: 30,
  /** Dataproc: 2 to 52 characters, so that node suffixes fit. */
  cluster: 52,
  composer: 63,
  /** Cloud SQL allows 98 for project and instance together; 63 leaves room for the longest project id. */
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

/** `<project>-<role>`: bucket names must be globally unique, as project ids are. */
export function bucketName(projectId: string, role: string): string {
  return checked(`${projectId}-${role}`, "bucket");
}

/** Folder of the lake in the bucket with the role `data`. */
export const LAKE_FOLDER = "production_data";

/** E-mail of the service account `sales-<environment>-<role>`. */
export function accountEmail(projectId: string, environment: string, role: string): string {
  return `${resourceName(environment, role, "serviceAccount")}@${projectId}.iam.gserviceaccount.com`;
}

/** Id of the BigQuery dataset; only letters, digits and underscores are allowed. */
export function datasetId(environment: string): string {
  return `${APPLICATION}_analytics_${environment.replaceAll("-", "_")}`;
}

/** Id of the dataset in the recovery region with copies of the tables of figures. */
export function recoveryDatasetId(environment: string): string {
  return `${APPLICATION}_recovery_${environment.replaceAll("-", "_")}`;
}

/** Id of the dataset with the messages of sales. */
export function streamDatasetId(environment: string): string {
  return `${APPLICATION}_stream_${environment.replaceAll("-", "_")}`;
}

/** Id of the dataset with the copy of the audit log. */
export function auditDatasetId(environment: string): string {
  return `${APPLICATION}_audit_${environment}`;
}

/** Domain of the private DNS zone, without the final dot. */
export function internalDomain(environment: string): string {
  return `${APPLICATION}-${environment}.internal`;
}

/** DNS name of the database. It is known at synth, so nothing waits for the instance's address. */
export function databaseHost(environment: string): string {
  return `postgres.${internalDomain(environment)}`;
}

/** Id of a custom role; only letters, digits, underscores and periods are allowed. */
export function roleId(environment: string, role: string): string {
  return `${APPLICATION}_${environment}_${role}`.replaceAll("-", "_");
}

/** Bucket of the Terraform state: made by bootstrap, used by the environment's stack. */
export function stateBucketName(projectId: string): string {
  return bucketName(projectId, STATE_ROLE);
}

/** Role part of {@link stateBucketName}. */
export const STATE_ROLE = "tfstate";

/** Prefix of the throwaway database instances of the restore drill. */
export function drillInstancePrefix(environment: string): string {
  return `${resourceName(environment, "drill")}-`;
}

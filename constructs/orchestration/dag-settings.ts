import { BUNDLE } from "../lake/job-artifacts";
import { DATABASE_NAME, DATABASE_USER } from "../database/database";
import { PlatformParts } from "./platform-parts";

/** Sent for BIGQUERY_JAR_PATH where the image's own connector serves. */
export const IMAGE_CONNECTOR = "image";

/**
 * What the DAG is told, and all it is told: it reads these variables and nothing else. Every value is known at
 * synth, so that nothing waits for the database or the cluster; none is a secret; none holds a content hash,
 * since a change of any of them costs Composer an update of some 25 minutes.
 */
export function dagSettings(parts: PlatformParts) {
  const { environment, lake, identities, secret, database, warehouse, artifacts } = parts;
  const hours = environment.officeHours;
  const data = `gs://${lake.data.bucketName}`;
  return {
    PYSPARK_PROJECT_ID: environment.projectId,
    REGION: environment.region,
    DATAPROC_CLUSTER: parts.processing.clusterName,
    DATA_BUCKET: lake.data.bucketName,
    STAGING_BUCKET: lake.staging.bucketName,
    ARCHIVE_BUCKET: lake.archive.bucketName,
    CLOUDSQL_INSTANCE: database.instanceName,
    CLOUDSQL_IP: database.host,
    DATABASE_NAME,
    DATABASE_USER,
    SQL_PASSWORD_SECRET: secret.secretId,
    BIGQUERY_DATASET: warehouse.datasetId,
    SALES_DATA_PATH: `${data}/production_data/sales_data`,
    PRODUCTS_DATA_PATH: `${data}/production_data/reference_data/products.csv`,
    STORES_DATA_PATH: `${data}/production_data/reference_data/stores.csv`,
    PYSPARK_JOB_PATH: `${data}/${BUNDLE.job}`,
    PYSPARK_PY_FILES: artifacts.moduleUris.join(","),
    PYSPARK_FILES: artifacts.fileUris.join(","),
    PYSPARK_DEPENDENCIES: artifacts.dependenciesUri,
    BIGQUERY_JAR_PATH: IMAGE_CONNECTOR,
    POSTGRES_JAR_PATH: artifacts.driverUri,
    OPERATOR_SERVICE_ACCOUNT: identities.operator.email,
    ROTATION_SUBSCRIPTION: secret.subscriptionName,
    ROTATION_DAYS: String(environment.secrets.rotationDays),
    NOTIFICATION_SECRET: parts.channels.secretId,
    NOTIFICATION_EMAILS: environment.notifications.emails.join(",") || "none",
    DEADLINE_HOURS: String(environment.notifications.deadlineHours),
    MAXIMUM_BYTES_BILLED: String(environment.warehouse.maximumGibBilled * 2 ** 30),
    OFFICE_HOURS: hours ? [hours.open, hours.close, hours.timeZone].join(";") : "always",
    RESTORE_DRILL_SCHEDULE: environment.database.restoreDrill ?? "never",
    FIRST_DAY: environment.orchestration.firstDay,
    RUN_HOUR: String(environment.orchestration.runHour),
    ENVIRONMENT: environment.name,
  } as const satisfies Readonly<Record<string, string>>;
}

export type DagSetting = keyof ReturnType<typeof dagSettings>;

import { Environment } from "../../environments/environment";
import { auditDatasetId, drillInstancePrefix, LAKE_FOLDER } from "../../environments/naming";
import { drillSchedule, startAndStop } from "../../environments/office-hours";
import { DataScans } from "../catalog/data-scans";
import { Database, DATABASE_NAME, DATABASE_USER } from "../database/database";
import { DatabaseSecret } from "../database/database-secret";
import { Identities } from "../identity/identities";
import { JobArtifacts } from "../lake/job-artifacts";
import { LakeStorage } from "../lake/lake-storage";
import { SparkCluster } from "../processing/spark-cluster";
import { CustomerKey } from "../warehouse/customer-key";
import { RecoveryCopy } from "../warehouse/recovery-copy";
import { Warehouse } from "../warehouse/warehouse";
import { NotificationSecret } from "./notification-secret";
import { runPrices } from "./run-prices";

/** Value of BIGQUERY_JAR_PATH that stands for the connector in the cluster's image. */
export const IMAGE_CONNECTOR = "image";

/** Parts of the platform that the DAGs work with. */
export interface DagSettingsProps {
  readonly environment: Environment;
  readonly lake: LakeStorage;
  readonly identities: Identities;
  readonly databaseSecret: DatabaseSecret;
  readonly notificationSecret: NotificationSecret;
  readonly customerKey: CustomerKey;
  readonly database: Database;
  readonly warehouse: Warehouse;
  readonly cluster: SparkCluster;
  readonly artifacts: JobArtifacts;
  /** @default - the tables are not copied into another region */
  readonly recoveryCopy?: RecoveryCopy;
  /** @default - the tables are not scanned */
  readonly scans?: DataScans;
}

/**
 * The environment variables that the stack passes to the DAGs. DAGs read no others. Every value is known at synth, so
 * that Composer does not wait for the database or the cluster. None is a secret, and none holds a content hash: a
 * change of any variable takes Composer about 25 minutes. A setting that the environment does not have is left out.
 */
export function dagSettings(props: DagSettingsProps): Readonly<Record<string, string>> {
  const {
    environment,
    lake,
    identities,
    database,
    databaseSecret,
    notificationSecret,
    customerKey,
    warehouse,
    cluster,
    artifacts,
    recoveryCopy,
    scans,
  } = props;
  const { name, notifications, orchestration } = environment;
  const hours = environment.officeHours && startAndStop(environment.officeHours);
  const { restoreDrill } = environment.database;
  const data = `gs://${lake.data.bucketName}`;
  return {
    PYSPARK_PROJECT_ID: environment.projectId,
    REGION: environment.region,
    DATAPROC_CLUSTER: cluster.clusterName,
    DATA_BUCKET: lake.data.bucketName,
    STAGING_BUCKET: lake.staging.bucketName,
    ARCHIVE_BUCKET: lake.archive.bucketName,
    REPORT_BUCKET: lake.report.bucketName,
    CLOUDSQL_INSTANCE: database.instanceName,
    CLOUDSQL_IP: database.host,
    DATABASE_NAME,
    DATABASE_USER,
    SQL_PASSWORD_SECRET: databaseSecret.secretId,
    CUSTOMER_KEY_SECRET: customerKey.secretId,
    BIGQUERY_DATASET: warehouse.datasetId,
    AUDIT_DATASET: auditDatasetId(name),
    SALES_DATA_PATH: `${data}/${LAKE_FOLDER}/sales_data`,
    PRODUCTS_DATA_PATH: `${data}/${LAKE_FOLDER}/reference_data/products.csv`,
    STORES_DATA_PATH: `${data}/${LAKE_FOLDER}/reference_data/stores.csv`,
    PYSPARK_JOB_PATH: artifacts.entryUri,
    PYSPARK_PY_FILES: artifacts.pyFileUris.join(","),
    PYSPARK_DEPENDENCIES: artifacts.dependenciesUri,
    BIGQUERY_JAR_PATH: IMAGE_CONNECTOR,
    POSTGRES_JAR_PATH: artifacts.driverUri,
    OPERATOR_SERVICE_ACCOUNT: identities.operator.email,
    ROTATION_SUBSCRIPTION: databaseSecret.subscriptionName,
    ROTATION_DAYS: String(environment.secrets.rotationDays),
    RESTORE_DRILL_INSTANCE_PREFIX: drillInstancePrefix(name),
    ...(restoreDrill !== undefined && { RESTORE_DRILL_SCHEDULE: drillSchedule(restoreDrill) }),
    NOTIFICATION_SECRET: notificationSecret.secretId,
    ...(notifications.emails.length > 0 && { NOTIFICATION_EMAILS: notifications.emails.join(",") }),
    DEADLINE_HOURS: String(notifications.deadlineHours),
    LATE_FILE_DAYS: String(orchestration.lateFileDays),
    ...(recoveryCopy && { RECOVERY_DATASET: recoveryCopy.datasetId }),
    ...(scans && { DATA_SCANS: scans.ids.join(",") }),
    ...(orchestration.holdUnusualDays && { HOLD_UNUSUAL_DAYS: "true" }),
    ARRIVAL_WAIT_HOURS: String(orchestration.arrivalWaitHours),
    MAXIMUM_QUARANTINE_SHARE: String(environment.operations.maximumQuarantineShare),
    ...runPrices(environment),
    MAXIMUM_BYTES_BILLED: String(environment.warehouse.maximumGibBilled * 2 ** 30),
    ...(environment.processing.standing && { CLUSTER_STANDING: "true" }),
    ...(hours && { OFFICE_HOURS: [hours.start, hours.stop, hours.timeZone].join(";") }),
    FIRST_DAY: orchestration.firstDay,
    RUN_HOUR: String(orchestration.runHour),
    ENVIRONMENT: name,
  };
}

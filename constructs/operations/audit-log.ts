import { BigqueryDataset } from "@cdktf/provider-google/lib/bigquery-dataset";
import { BigqueryDatasetIamMember } from "@cdktf/provider-google/lib/bigquery-dataset-iam-member";
import { LoggingProjectBucketConfig } from "@cdktf/provider-google/lib/logging-project-bucket-config";
import { LoggingProjectExclusion } from "@cdktf/provider-google/lib/logging-project-exclusion";
import { LoggingProjectSink } from "@cdktf/provider-google/lib/logging-project-sink";
import { ProjectIamAuditConfig } from "@cdktf/provider-google/lib/project-iam-audit-config";
import { Construct } from "constructs";
import { Environment } from "../../environments/environment";
import { accountEmail, auditDatasetId, bucketName, resourceName } from "../../environments/naming";
import { KeySource } from "../encryption/keys";
import { isProtected } from "../foundation/protection";
import { DAY_MS } from "../foundation/time";
import { Identities } from "../identity/identities";

export interface AuditLogProps {
  readonly environment: Pick<
    Environment,
    "name" | "projectId" | "region" | "protection" | "operations" | "access"
  >;
  readonly keys: KeySource;
  readonly identities: Pick<Identities, "orchestrator">;
}

/** Services that log reads and writes of data. */
const AUDITED = [
  "bigquery.googleapis.com",
  "cloudsql.googleapis.com",
  "iam.googleapis.com",
  "secretmanager.googleapis.com",
  "storage.googleapis.com",
] as const;

const DATA_ACCESS = ["ADMIN_READ", "DATA_READ", "DATA_WRITE"];
/**
 * Cloud Storage refuses a browser's sign-in for an object whose reads are logged, so nobody could open the report: reads
 * of those who may open it are not logged. In Cloud Storage they may read the report alone; their queries are logged.
 */
const NOT_LOGGED = { service: "storage.googleapis.com", logType: "DATA_READ" };
const FILTER = 'logName:"/logs/cloudaudit.googleapis.com%2F"';

/** Airflow's own calls on its own bucket: it lists and reads all DAGs and writes task logs all day, and nobody asks who did. */
function ownCalls({ name, projectId }: AuditLogProps["environment"]): { name: string; filter: string } {
  return {
    name: resourceName(name, "airflow-own-bucket"),
    filter: [
      'logName:"/logs/cloudaudit.googleapis.com%2Fdata_access"',
      'resource.type="gcs_bucket"',
      `resource.labels.bucket_name="${bucketName(projectId, "composer")}"`,
      `protoPayload.authenticationInfo.principalEmail="${accountEmail(projectId, name, "orchestrator")}"`,
    ].join(" AND "),
  };
}

/**
 * Logs who read or changed data, keeps the log for the environment's `auditDays`, and copies it to BigQuery for queries.
 * The configuration replaces one that was made by hand for the same service; those of other services stay.
 */
export class AuditLog extends Construct {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: AuditLogProps,
  ) {
    super(scope, id);
    const { projectId, access } = props.environment;
    const readers = [...new Set([...access.analysts, ...access.biReaders])];
    for (const service of AUDITED) {
      new ProjectIamAuditConfig(this, service.split(".")[0] ?? service, {
        project: projectId,
        service,
        auditLogConfig: DATA_ACCESS.map((logType) => ({
          logType,
          ...(service === NOT_LOGGED.service &&
            logType === NOT_LOGGED.logType &&
            readers.length > 0 && { exemptedMembers: readers }),
        })),
      });
    }
    new LoggingProjectExclusion(this, "own-calls", {
      ...ownCalls(props.environment),
      project: projectId,
      description: "Airflow's calls on its own bucket, out of the log that keeps everything",
    });
    this.keepInLogging();
    this.copyToBigquery();
  }

  /** A sink into a log bucket of its own project needs no grant. */
  private keepInLogging(): void {
    const { name, projectId, region, operations } = this.props.environment;
    const bucket = new LoggingProjectBucketConfig(this, "log", {
      project: projectId,
      location: region,
      // A deleted bucket is kept for a week, and its name can neither be changed nor used meanwhile.
      bucketId: resourceName(name, `audit-g${operations.generation}`),
      description: "Audit log: who read or changed what",
      retentionDays: operations.auditDays,
      locked: operations.auditLocked,
    });
    new LoggingProjectSink(this, "to-log", {
      name: resourceName(name, "audit-to-log"),
      description: "Audit log, kept",
      destination: `logging.googleapis.com/${bucket.id}`,
      filter: FILTER,
      exclusions: [ownCalls(this.props.environment)],
      uniqueWriterIdentity: true,
    });
  }

  private copyToBigquery(): void {
    const { environment, identities, keys } = this.props;
    const key = keys.at(environment.region, "bigquery");
    const dataset = new BigqueryDataset(this, "dataset", {
      datasetId: auditDatasetId(environment.name),
      location: environment.region,
      description: "Audit log for queries",
      defaultPartitionExpirationMs: environment.operations.auditDays * DAY_MS,
      deleteContentsOnDestroy: !isProtected(environment),
      ...(key && { defaultEncryptionConfiguration: { kmsKeyName: key.id } }),
      dependsOn: key?.usable,
    });
    const sink = new LoggingProjectSink(this, "to-dataset", {
      name: resourceName(environment.name, "audit-to-dataset"),
      description: "Audit log, for queries",
      destination: `bigquery.googleapis.com/projects/${environment.projectId}/datasets/${dataset.datasetId}`,
      filter: FILTER,
      exclusions: [ownCalls(this.props.environment)],
      uniqueWriterIdentity: true,
      bigqueryOptions: { usePartitionedTables: true },
    });
    new BigqueryDatasetIamMember(this, "writer", {
      datasetId: dataset.datasetId,
      role: "roles/bigquery.dataEditor",
      member: sink.writerIdentity,
    });
    // The DAG watch_reads looks for accounts that read far more than they used to.
    new BigqueryDatasetIamMember(this, "watcher", {
      datasetId: dataset.datasetId,
      role: "roles/bigquery.dataViewer",
      member: identities.orchestrator.member,
    });
  }
}

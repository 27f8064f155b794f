import { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { Environment } from "../../environments/environment";
import { drillInstancePrefix } from "../../environments/naming";
import { DatabaseSecret } from "../database/database-secret";
import { Identities } from "../identity/identities";
import { grantOnProject } from "../identity/project-grant";
import { Grantee } from "../identity/workload-identity";
import { LakeStorage, SNAPSHOT_FOLDER } from "../lake/lake-storage";
import { NotificationSecret } from "../orchestration/notification-secret";
import { SalesStream } from "../streaming/sales-stream";
import { CustomerKey } from "../warehouse/customer-key";
import { customRole } from "../identity/custom-role";

export interface PlatformAccessProps {
  readonly environment: Pick<Environment, "name" | "projectId" | "access">;
  readonly identities: Identities;
  readonly lake: LakeStorage;
  readonly databaseSecret: DatabaseSecret;
  readonly notificationSecret: NotificationSecret;
  readonly customerKey: CustomerKey;
  /** Messages of sales, where the environment takes them. */
  readonly stream?: SalesStream;
}

/**
 * Roles of the workloads outside the warehouse: each grant on the smallest resource that works, and each additive
 * (`*_iam_member`), because a binding or a policy removes what others granted.
 */
export class PlatformAccess extends Construct {
  /** Grants that must have taken effect before the cluster starts (mm#10403). */
  readonly processing: readonly ITerraformDependable[];
  /** Grants that must have taken effect before Composer starts. */
  readonly orchestrator: readonly ITerraformDependable[];

  constructor(
    scope: Construct,
    id: string,
    private readonly props: PlatformAccessProps,
  ) {
    super(scope, id);
    this.processing = this.grantProcessing();
    this.orchestrator = this.grantOrchestrator();
    this.grantIngest();
    this.grantOperator();
    this.grantReaders();
    const { caretaker, operator } = props.identities;
    if (caretaker) {
      const role = customRole(props.environment, "officeHours");
      this.onProject("caretaker-hours", caretaker, role);
      // The DAG starts the database when a run is due outside office hours.
      this.onProject("operator-hours", operator, role);
    }
  }

  private grantProcessing(): ITerraformDependable[] {
    const { environment, lake, databaseSecret, customerKey, identities } = this.props;
    const { processing } = identities;
    return [
      this.worker("processing-worker", processing, "roles/dataproc.worker"),
      // The job looks whether the job that has the lock of the lines still runs.
      this.onProject("processing-job-states", processing, customRole(environment, "jobReader")),
      this.onProject("processing-jobs", processing, "roles/bigquery.jobUser"),
      this.onProject("processing-reads", processing, "roles/bigquery.readSessionUser"),
      this.onProject("processing-lineage", processing, "roles/datalineage.producer"),
      lake.data.grant(this, "processing-data", processing, "roles/storage.objectViewer"),
      lake.grantOnFolder(this, "processing-lake", "production_data/", processing, "roles/storage.objectUser"),
      // The cluster's own buckets: its account gets a 403 from the shared automatic ones (pg#16492).
      lake.staging.grant(this, "processing-staging", processing, "roles/storage.objectUser"),
      lake.temp.grant(this, "processing-temp", processing, "roles/storage.objectUser"),
      // The nodes' agent and the connector look at the buckets themselves too.
      ...(["data", "staging", "temp"] as const).map((role) =>
        lake[role].grant(this, `processing-${role}-bucket`, processing, "roles/storage.legacyBucketReader"),
      ),
      databaseSecret.grant(this, "processing-password", processing, "roles/secretmanager.secretAccessor"),
      // The first run makes the key; nobody else reads it.
      customerKey.grant(this, "processing-key", processing, "roles/secretmanager.secretAccessor"),
      customerKey.grant(this, "processing-new-key", processing, "roles/secretmanager.secretVersionAdder"),
    ];
  }

  private grantOrchestrator(): ITerraformDependable[] {
    const { environment, identities, lake, notificationSecret } = this.props;
    const { orchestrator } = identities;
    const jobSubmitter = customRole(environment, "jobSubmitter");
    return [
      this.worker("orchestrator-worker", orchestrator, "roles/composer.worker", lake.composer.bucketName),
      this.onProject("orchestrator-jobs", orchestrator, jobSubmitter),
      this.onProject("orchestrator-queries", orchestrator, "roles/bigquery.jobUser"),
      this.onProject("orchestrator-lineage", orchestrator, "roles/datalineage.producer"),
      lake.data.grant(this, "orchestrator-data", orchestrator, "roles/storage.objectViewer"),
      lake.staging.grant(this, "orchestrator-staging", orchestrator, "roles/storage.objectViewer"),
      lake.archive.grant(this, "orchestrator-archive", orchestrator, "roles/storage.objectUser"),
      lake.grantOnFolder(
        this,
        "orchestrator-snapshots",
        `${SNAPSHOT_FOLDER}/`,
        orchestrator,
        "roles/storage.objectUser",
      ),
      lake.report.grant(this, "orchestrator-report", orchestrator, "roles/storage.objectUser"),
      lake.composer.grant(this, "orchestrator-own", orchestrator, "roles/storage.objectUser"),
      notificationSecret.grant(
        this,
        "orchestrator-channels",
        orchestrator,
        "roles/secretmanager.secretAccessor",
      ),
    ];
  }

  /**
   * The role that Dataproc or Composer asks of the account of its machines. Without the condition it could write every
   * bucket of the project: the DAGs, the archive, the state.
   *
   * @param own - the only bucket for which the role holds; default none
   */
  private worker(id: string, grantee: Grantee, role: string, own?: string): ITerraformDependable {
    // For the types of other services this is true, whether they have a name or not.
    const elsewhere = ["Bucket", "Object", "ManagedFolder"]
      .map((type) => `resource.type != "storage.googleapis.com/${type}"`)
      .join(" && ");
    const bucket = `projects/_/buckets/${own}`;
    return grantOnProject(this, id, {
      projectId: this.props.environment.projectId,
      grantee,
      role,
      condition: {
        title: own === undefined ? "nothing of Cloud Storage" : "of Cloud Storage its own bucket only",
        description: "Other services as the role says",
        expression:
          own === undefined
            ? elsewhere
            : `(${elsewhere}) || resource.name == "${bucket}" || resource.name.startsWith("${bucket}/")`,
      },
    });
  }

  private grantIngest(): void {
    const { identities, lake, stream } = this.props;
    const { ingest } = identities;
    stream?.grantPublishing(this, "ingest-messages", ingest);
    // Arrivals are only added; reference data is replaced.
    lake.grantOnFolder(
      this,
      "ingest-sales",
      "production_data/sales_data/",
      ingest,
      "roles/storage.objectCreator",
    );
    lake.grantOnFolder(
      this,
      "ingest-reference",
      "production_data/reference_data/",
      ingest,
      "roles/storage.objectUser",
    );
  }

  /** Who reads the tables reads the report, which shows the same figures. */
  private grantReaders(): void {
    const { analysts, biReaders } = this.props.environment.access;
    [...new Set([...analysts, ...biReaders])].forEach((member, index) => {
      this.props.lake.report.grant(this, `reader-${index}-report`, { member }, "roles/storage.objectViewer");
    });
  }

  private grantOperator(): void {
    const { environment, identities, databaseSecret } = this.props;
    const { operator } = identities;
    const rotator = customRole(environment, "passwordRotator");
    databaseSecret.grant(this, "operator-versions", operator, rotator);
    databaseSecret.grant(this, "operator-password", operator, "roles/secretmanager.secretAccessor");
    databaseSecret.grantPullRequests(this, "operator-requests", operator);
    this.onProject("operator-database", operator, customRole(environment, "databaseUsers"));
    const drills = `projects/${environment.projectId}/instances/${drillInstancePrefix(environment.name)}`;
    grantOnProject(this, "operator-drills", {
      projectId: environment.projectId,
      grantee: operator,
      role: customRole(environment, "restoreDrill"),
      condition: {
        title: "drill instances only",
        description: "Instances that a restore drill makes and removes",
        expression: `resource.type == "sqladmin.googleapis.com/Instance" && resource.name.startsWith("${drills}")`,
      },
    });
  }

  /** @param role - a predefined role of PROJECT_ROLES, or the full name of a custom role */
  private onProject(id: string, grantee: Grantee, role: string): ITerraformDependable {
    return grantOnProject(this, id, { projectId: this.props.environment.projectId, grantee, role });
  }
}

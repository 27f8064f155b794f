import { ProjectIamCustomRole } from "@cdktf/provider-google/lib/project-iam-custom-role";
import { ProjectIamMember } from "@cdktf/provider-google/lib/project-iam-member";
import { PubsubSubscriptionIamMember } from "@cdktf/provider-google/lib/pubsub-subscription-iam-member";
import { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { Environment } from "../../environments/environment";
import { ChannelsSecret } from "../orchestration/notification-secret";
import { CUSTOM_ROLES, CustomRole } from "../identity/custom-roles";
import { Grants } from "./grants";
import { Identities } from "../identity/identities";
import { LakeStorage, SNAPSHOT_FOLDER } from "../lake/lake-storage";
import { drillInstancePrefix, roleId } from "../../environments/naming";
import { DatabaseSecret } from "../database/database-secret";

export interface AccessProps {
  readonly environment: Environment;
  readonly identities: Identities;
  readonly lake: LakeStorage;
  readonly secret: DatabaseSecret;
  readonly channels: ChannelsSecret;
}

/** Predefined roles that this stack grants on the project; the deploy account may grant these and no others. */
export const PROJECT_ROLES = [
  "roles/bigquery.jobUser",
  "roles/bigquery.readSessionUser",
  "roles/composer.worker",
  "roles/dataproc.worker",
  "roles/datalineage.producer",
] as const;

/**
 * Who may do what, outside the warehouse: each grant on the smallest resource that works, each of them additive
 * (`*_iam_member`), since a binding or a policy would take away what others granted (gotcha 17).
 */
export class Access extends Grants {
  /** Grants that must have taken effect before the cluster starts (mm#10403). */
  readonly processing: ITerraformDependable[] = [];
  /** Grants that must have taken effect before Composer starts. */
  readonly orchestrator: ITerraformDependable[] = [];

  constructor(
    scope: Construct,
    id: string,
    private readonly props: AccessProps,
  ) {
    super(scope, id, props.environment.projectId, props.lake);
    this.grantProcessing();
    this.grantOrchestrator();
    this.grantIngest();
    this.grantOperator();
    const { caretaker, operator } = props.identities;
    if (caretaker) {
      const role = this.customRole("officeHours");
      this.onProject("caretaker-hours", caretaker, role);
      // The DAG wakes what sleeps when a run is due at night.
      this.onProject("operator-hours", operator, role);
    }
  }

  private grantProcessing(): void {
    const { identities, lake, secret } = this.props;
    const who = identities.processing;
    this.processing.push(
      this.onProject("processing-worker", who, "roles/dataproc.worker"),
      this.onProject("processing-jobs", who, "roles/bigquery.jobUser"),
      this.onProject("processing-reads", who, "roles/bigquery.readSessionUser"),
      this.onProject("processing-lineage", who, "roles/datalineage.producer"),
      this.onBucket("processing-data", who, lake.data, "roles/storage.objectViewer"),
      this.onFolder("processing-lake", who, lake.data, "production_data/", "roles/storage.objectUser"),
      // The cluster's own buckets: the shared automatic ones answer 403 (pg#16492).
      this.onBucket("processing-staging", who, lake.staging, "roles/storage.objectUser"),
      this.onBucket("processing-temp", who, lake.temp, "roles/storage.objectUser"),
      this.onSecret("processing-password", who, secret, "roles/secretmanager.secretAccessor"),
    );
  }

  private grantOrchestrator(): void {
    const { identities, lake, channels } = this.props;
    const who = identities.orchestrator;
    this.orchestrator.push(
      this.onProject("orchestrator-worker", who, "roles/composer.worker"),
      this.onProject("orchestrator-jobs", who, this.customRole("jobSubmitter")),
      this.onProject("orchestrator-queries", who, "roles/bigquery.jobUser"),
      this.onProject("orchestrator-lineage", who, "roles/datalineage.producer"),
      this.onBucket("orchestrator-data", who, lake.data, "roles/storage.objectViewer"),
      this.onBucket("orchestrator-staging", who, lake.staging, "roles/storage.objectViewer"),
      this.onBucket("orchestrator-archive", who, lake.archive, "roles/storage.objectUser"),
      this.onFolder(
        "orchestrator-snapshots",
        who,
        lake.data,
        `${SNAPSHOT_FOLDER}/`,
        "roles/storage.objectUser",
      ),
      this.onBucket("orchestrator-own", who, lake.composer, "roles/storage.objectUser"),
      this.onSecret("orchestrator-channels", who, channels, "roles/secretmanager.secretAccessor"),
      // Submits jobs as the processing account, and as no other (ankurchavda/streamify#7).
      this.actAs("orchestrator-as-processing", who, identities.processing, "roles/iam.serviceAccountUser"),
      // Rotation and drill run by impersonation, which needs a token rather than the account itself.
      this.actAs(
        "orchestrator-as-operator",
        who,
        identities.operator,
        "roles/iam.serviceAccountTokenCreator",
      ),
    );
  }

  private grantIngest(): void {
    const { identities, lake } = this.props;
    const who = identities.ingest;
    // Arrivals are only ever added; reference data is replaced.
    this.onFolder(
      "ingest-sales",
      who,
      lake.data,
      "production_data/sales_data/",
      "roles/storage.objectCreator",
    );
    this.onFolder(
      "ingest-reference",
      who,
      lake.data,
      "production_data/reference_data/",
      "roles/storage.objectUser",
    );
  }

  private grantOperator(): void {
    const { environment, identities, secret } = this.props;
    const who = identities.operator;
    this.onSecret("operator-versions", who, secret, this.customRole("passwordRotator"));
    this.onSecret("operator-password", who, secret, "roles/secretmanager.secretAccessor");
    new PubsubSubscriptionIamMember(this, "operator-requests", {
      subscription: secret.subscription.name,
      role: "roles/pubsub.subscriber",
      member: who.member,
    });
    this.onProject("operator-database", who, this.customRole("databaseUsers"));
    const drills = `projects/${environment.projectId}/instances/${drillInstancePrefix(environment.name)}`;
    new ProjectIamMember(this, "operator-drills", {
      project: environment.projectId,
      role: this.customRole("restoreDrill"),
      member: who.member,
      condition: {
        title: "drill instances only",
        description: "Instances that a restore drill makes and removes",
        expression: `resource.type == "sqladmin.googleapis.com/Instance" && resource.name.startsWith("${drills}")`,
      },
    });
  }

  private customRole(name: CustomRole): string {
    const { title, permissions } = CUSTOM_ROLES[name];
    return new ProjectIamCustomRole(this, `role-${name}`, {
      roleId: roleId(this.props.environment.name, name),
      title: `Sales platform (${this.props.environment.name}): ${title}`,
      permissions: [...permissions],
    }).name;
  }
}

import { DataGoogleProject } from "@cdktf/provider-google/lib/data-google-project";
import { Construct } from "constructs";

/** Google's own accounts that act for a service inside the project; their names hold the project's number. */
const AGENTS = {
  artifactRegistry: "gcp-sa-artifactregistry",
  composer: "cloudcomposer-accounts",
  compute: "compute-system",
  container: "container-engine-robot",
  dataproc: "dataproc-accounts",
  pubsub: "gcp-sa-pubsub",
  secretManager: "gcp-sa-secretmanager",
  sql: "gcp-sa-cloud-sql",
  storage: "gs-project-accounts",
} as const;

export type Agent = keyof typeof AGENTS | "bigquery";

/**
 * IAM members of the service agents. Some exist only after the first use of their service, and the resource that
 * would make them (`google_project_service_identity`) is in no released provider but beta (pg#22521): `npm run deploy`
 * asks for them before it applies, see scripts/deploy/service-agents.mjs.
 */
export class ServiceAgents extends Construct {
  private readonly project: DataGoogleProject;

  constructor(scope: Construct, id: string, projectId: string) {
    super(scope, id);
    this.project = new DataGoogleProject(this, "project", { projectId });
  }

  /** The project's number, known after a first look at the project. */
  get projectNumber(): string {
    return this.project.number;
  }

  member(agent: Agent): string {
    return agent === "bigquery"
      ? `serviceAccount:bq-${this.project.number}@bigquery-encryption.iam.gserviceaccount.com`
      : `serviceAccount:service-${this.project.number}@${AGENTS[agent]}.iam.gserviceaccount.com`;
  }
}

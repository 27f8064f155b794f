import { DataGoogleProject } from "@cdktf/provider-google/lib/data-google-project";
import { Construct } from "constructs";

/** Domains of the accounts through which Google's services act in a project. */
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

export interface ServiceAgentsProps {
  readonly projectId: string;
}

/**
 * IAM members of the service agents. Some agents exist only after the first use of their service, and only the beta
 * provider has a resource that creates them (`google_project_service_identity`, pg#22521): `npm run deploy` creates them
 * before it applies, see scripts/deploy/service-agents.mjs.
 */
export class ServiceAgents extends Construct {
  private readonly project: DataGoogleProject;

  constructor(scope: Construct, id: string, props: ServiceAgentsProps) {
    super(scope, id);
    this.project = new DataGoogleProject(this, "project", { projectId: props.projectId });
  }

  /** Number of the project; Terraform reads it when it plans. */
  get projectNumber(): string {
    return this.project.number;
  }

  member(agent: Agent): string {
    return agent === "bigquery"
      ? `serviceAccount:bq-${this.project.number}@bigquery-encryption.iam.gserviceaccount.com`
      : `serviceAccount:service-${this.project.number}@${AGENTS[agent]}.iam.gserviceaccount.com`;
  }
}

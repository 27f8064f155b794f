import { DataGoogleStorageProjectServiceAccount } from "@cdktf/provider-google/lib/data-google-storage-project-service-account";
import { Fn } from "cdktf";
import { Construct } from "constructs";
import { Apis } from "../foundation/apis";

/** Agents with the project's number in their address: domain of the address, API of the service. */
const AGENTS = {
  artifactRegistry: { domain: "gcp-sa-artifactregistry", api: "artifactregistry" },
  composer: { domain: "cloudcomposer-accounts", api: "composer" },
  compute: { domain: "compute-system", api: "compute" },
  container: { domain: "container-engine-robot", api: "container" },
  dataplex: { domain: "gcp-sa-dataplex", api: "dataplex" },
  dataproc: { domain: "dataproc-accounts", api: "dataproc" },
  pubsub: { domain: "gcp-sa-pubsub", api: "pubsub" },
  secretManager: { domain: "gcp-sa-secretmanager", api: "secretmanager" },
  sql: { domain: "gcp-sa-cloud-sql", api: "sqladmin" },
} as const;

export type Agent = keyof typeof AGENTS | "bigquery" | "storage";

/**
 * APIs whose agent has to be requested: it comes with the first use of the service, or some time after the API. Compute
 * Engine's comes with its API and cannot be requested; those of Cloud Storage and BigQuery are created when they are read.
 */
export const REQUESTED_AGENTS: readonly string[] = Object.values(AGENTS)
  .map(({ api }) => api)
  .filter((api) => api !== "compute");

export interface ServiceAgentsProps {
  readonly projectId: string;
  /** APIs of the project: an agent exists only after its API is enabled. */
  readonly apis: Apis;
}

/**
 * IAM members of the service agents. Only the beta provider has a resource that creates them
 * (`google_project_service_identity`, pg#22521): {@link Apis} requests them when it has enabled their APIs.
 */
export class ServiceAgents extends Construct {
  private readonly projectId: string;
  private readonly apis: Apis;
  private storage?: DataGoogleStorageProjectServiceAccount;

  constructor(scope: Construct, id: string, props: ServiceAgentsProps) {
    super(scope, id);
    this.projectId = props.projectId;
    this.apis = props.apis;
  }

  /**
   * Number of the project, read from the address of Cloud Storage's agent: every new project has that API, but not the
   * Resource Manager's, which the project itself would be read from.
   */
  get projectNumber(): string {
    return Fn.element(Fn.regexall("[0-9]+", this.storageAgent.emailAddress), 0) as string;
  }

  member(agent: Agent): string {
    if (agent === "storage") return this.storageAgent.member;
    // Not read from its data source: that takes the right to start jobs, which a plan does not have.
    if (agent === "bigquery")
      return `serviceAccount:bq-${this.projectNumber}@bigquery-encryption.iam.gserviceaccount.com`;
    return `serviceAccount:service-${this.projectNumber}@${AGENTS[agent].domain}.iam.gserviceaccount.com`;
  }

  private get storageAgent(): DataGoogleStorageProjectServiceAccount {
    this.storage ??= new DataGoogleStorageProjectServiceAccount(this, "storage", {
      project: this.projectId,
      // Only on its own API: a plan that changes something that a data source depends on does not know its value.
      dependsOn: [this.apis.service("storage")],
    });
    return this.storage;
  }
}

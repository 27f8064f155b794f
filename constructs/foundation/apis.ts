import { ProjectService } from "@cdktf/provider-google/lib/project-service";
import { dependable, IAspect, ITerraformDependable, TerraformResource } from "cdktf";
import { Construct, IConstruct } from "constructs";
import { Environment } from "../../environments/environment";
import { isOfTerraform, Wait } from "./wait";

/** API that serves each resource type; the longest matching prefix counts. */
const API_OF_TYPE: Readonly<Record<string, string>> = {
  google_access_context_manager: "accesscontextmanager",
  google_billing_budget: "billingbudgets",
  google_bigquery: "bigquery",
  google_bigquery_datapolicy: "bigquerydatapolicy",
  google_bigquery_bi_reservation: "bigqueryreservation",
  google_bigquery_reservation: "bigqueryreservation",
  google_cloud_scheduler: "cloudscheduler",
  google_composer: "composer",
  google_compute: "compute",
  google_data_catalog: "datacatalog",
  google_dataplex: "dataplex",
  google_dataproc: "dataproc",
  google_dns: "dns",
  google_iam_workload_identity_pool: "iam",
  google_kms: "cloudkms",
  google_logging: "logging",
  google_monitoring: "monitoring",
  google_org_policy: "orgpolicy",
  google_project_iam: "cloudresourcemanager",
  google_project_iam_custom_role: "iam",
  google_pubsub: "pubsub",
  google_scc: "securitycenter",
  google_secret_manager: "secretmanager",
  google_service_account: "iam",
  google_service_networking: "servicenetworking",
  google_sql: "sqladmin",
  google_storage: "storage",
};

/** APIs that no resource belongs to, but that the services call at run time. */
const RUNTIME_APIS = [
  "artifactregistry", // Composer's images
  "bigquerystorage", // Spark's reads and writes
  "cloudresourcemanager",
  "container", // Composer's cluster
  "datalineage",
  "iamcredentials", // the orchestrator acting as the operator
] as const;

const LONGEST_FIRST = Object.keys(API_OF_TYPE).sort((left, right) => right.length - left.length);

function apiOf(type: string): string | undefined {
  const prefix = LONGEST_FIRST.find((candidate) => type === candidate || type.startsWith(`${candidate}_`));
  return prefix === undefined ? undefined : API_OF_TYPE[prefix];
}

/** Every API that the platform uses in the environment. */
export function platformApis({
  customerKeys,
  officeHours,
  operations,
  organization,
  warehouse,
}: Pick<
  Environment,
  "customerKeys" | "officeHours" | "operations" | "organization" | "warehouse"
>): string[] {
  const unused = [
    ...(operations.billingAccount === undefined ? ["billingbudgets"] : []),
    ...(organization.accessPolicyId === undefined ? ["accesscontextmanager"] : []),
    ...(organization.organizationId === undefined ? ["orgpolicy", "securitycenter"] : []),
    ...(warehouse.catalog || warehouse.scans ? [] : ["dataplex"]),
    ...(customerKeys ? [] : ["cloudkms"]),
    ...(officeHours ? [] : ["cloudscheduler"]),
    ...(warehouse.biEngineGib === undefined && warehouse.slots === undefined ? ["bigqueryreservation"] : []),
  ];
  return [...new Set([...Object.values(API_OF_TYPE), ...RUNTIME_APIS])].filter(
    (api) => !unused.includes(api),
  );
}

/** APIs that the bootstrap stack needs; the platform's stack enables the others. */
export const BOOTSTRAP_APIS = [
  "cloudbilling", // the preflight checks that the project has a billing account
  "cloudkms",
  "cloudresourcemanager",
  "iam",
  "iamcredentials",
  "serviceusage",
  "storage",
  "sts", // exchanges the tokens of the CI service
] as const;

/** The provider asks it for the project whenever it has enabled an API, this one too: it must answer before. */
const ASKED_BY_THE_PROVIDER = "cloudresourcemanager";
/** From enabling an API until it answers everywhere and its service agent exists; Google says "a few minutes". */
const ENABLING_SECONDS = 90;

const serviceUsage = (version: string, projectId: string, api: string, method: string): string =>
  `https://serviceusage.googleapis.com/${version}/projects/${projectId}/services/${api}.googleapis.com:${method}`;

export interface ApisProps {
  readonly projectId: string;
  /** Names of the APIs, without `.googleapis.com`. */
  readonly apis: readonly string[];
  /**
   * Those of `apis` whose service agent is requested, beside BigQuery's.
   * @default - none
   */
  readonly agentsOf?: readonly string[];
  /**
   * Whether the project may be one in which nobody has enabled an API yet.
   * @default false
   */
  readonly newProject?: boolean;
}

/** Enables APIs of the project; {@link WaitForApis} makes every resource wait for its own. */
export class Apis extends Construct {
  /** Exists when every API answers and every service agent exists. */
  readonly ready: ITerraformDependable;
  private readonly services = new Map<string, ProjectService>();

  constructor(scope: Construct, id: string, props: ApisProps) {
    super(scope, id);
    const { projectId, agentsOf = [] } = props;
    const first = props.newProject === true && this.enableFirst(projectId);
    for (const api of [...props.apis].sort()) {
      this.services.set(
        api,
        new ProjectService(this, api, {
          service: `${api}.googleapis.com`,
          // Destroying one stack must not disable an API for the whole project; the default is true (pg#7849).
          disableOnDestroy: false,
          ...(first && { dependsOn: [first] }),
        }),
      );
    }
    this.ready = new Wait(this, "ready", {
      seconds: ENABLING_SECONDS,
      after: [...this.services.values()],
      names: props.apis,
      ...(agentsOf.length > 0 && {
        requests: {
          projectId,
          post: agentsOf.map((api) => serviceUsage("v1beta1", projectId, api, "generateServiceIdentity")),
          // BigQuery's agent is created when its address is read.
          get: [`https://bigquery.googleapis.com/bigquery/v2/projects/${projectId}/serviceAccount`],
        },
      }),
    }).resource;
  }

  private enableFirst(projectId: string): ITerraformDependable {
    return new Wait(this, "first", {
      seconds: ENABLING_SECONDS,
      after: [],
      names: [ASKED_BY_THE_PROVIDER],
      requests: { projectId, post: [serviceUsage("v1", projectId, ASKED_BY_THE_PROVIDER, "enable")] },
    }).resource;
  }

  /**
   * API that a resource of `type` needs; undefined for an API itself.
   *
   * @throws when no API is declared for the type, or the project does not enable it
   */
  serviceFor(type: string): ProjectService | undefined {
    if (type === ProjectService.tfResourceType) return undefined;
    const api = apiOf(type);
    if (api === undefined)
      throw new Error(
        `${type}: no API is enabled for this resource type, add it to constructs/foundation/apis.ts`,
      );
    return this.service(api);
  }

  /** @throws when the project does not enable the API */
  service(api: string): ProjectService {
    const service = this.services.get(api);
    if (!service) throw new Error(`${api}: this API is not enabled, add it to constructs/foundation/apis.ts`);
    return service;
  }
}

/**
 * Makes every resource wait for the API that serves it (pg#1393, pg#8214). An Aspect, because `node.addDependency` has
 * no effect in CDKTF (tc#2727), and dependencies written by hand at a hundred resources would miss one.
 */
export class WaitForApis implements IAspect {
  constructor(private readonly apis: Apis) {}

  visit(node: IConstruct): void {
    if (!(node instanceof TerraformResource) || isOfTerraform(node)) return;
    const service = this.apis.serviceFor(node.terraformResourceType);
    if (service)
      node.dependsOn = [dependable(service), dependable(this.apis.ready), ...(node.dependsOn ?? [])];
  }
}

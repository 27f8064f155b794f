import { IamWorkloadIdentityPool } from "@cdktf/provider-google/lib/iam-workload-identity-pool";
import { IamWorkloadIdentityPoolProvider } from "@cdktf/provider-google/lib/iam-workload-identity-pool-provider";
import { ProjectIamMember } from "@cdktf/provider-google/lib/project-iam-member";
import { ServiceAccount } from "@cdktf/provider-google/lib/service-account";
import { ServiceAccountIamMember } from "@cdktf/provider-google/lib/service-account-iam-member";
import { Construct } from "constructs";
import { CiService, Repository } from "../../environments/ci";
import { Environment } from "../../environments/environment";
import { resourceName } from "../../environments/naming";
import { customRole } from "../identity/custom-role";
import { PROJECT_ROLES } from "../access/project-roles";
import { exceptFromGuardrail } from "../guardrails/guardrails";
import { CUSTOM_ROLES, CustomRole } from "../identity/custom-roles";
import { mayOnly, membersThatMay, ofRepository } from "./ci-tokens";
import { PlanAccount } from "./plan-account";
import { StateBucket } from "./state-bucket";
import { WorkloadAccounts } from "./workload-accounts";

/** Project roles of the deploy account. */
const DEPLOY_ROLES = [
  "roles/bigquery.admin",
  "roles/browser",
  "roles/cloudkms.admin",
  "roles/cloudscheduler.admin",
  "roles/cloudsql.admin",
  "roles/composer.admin",
  "roles/compute.networkAdmin",
  "roles/compute.securityAdmin",
  "roles/datacatalog.categoryAdmin",
  "roles/dataplex.catalogAdmin",
  "roles/dataplex.dataScanAdmin",
  "roles/dataproc.admin",
  "roles/dns.admin",
  "roles/logging.configWriter",
  "roles/monitoring.admin",
  "roles/pubsub.admin",
  "roles/secretmanager.admin",
  "roles/servicenetworking.networksAdmin",
  "roles/serviceusage.serviceUsageAdmin",
  "roles/storage.admin",
] as const;

/** Roles of the platform's own that the stack never grants on the project. */
const ON_ONE_RESOURCE: readonly CustomRole[] = ["passwordRotator", "scanStarter"];

export interface DeployAccountProps {
  readonly environment: Pick<Environment, "name" | "projectId">;
  readonly ci: Pick<CiService, "issuer" | "branch">;
  readonly repository: Repository;
  readonly state: StateBucket;
  readonly workloads: WorkloadAccounts;
}

/** Events of the CI service that may deploy; a pull request may not, whatever branch it names. */
const DEPLOY_EVENTS = ["push", "workflow_dispatch"];

/** Deploy account and plan account. The CI service uses them through its own tokens, without a service account key. */
export class DeployAccount extends Construct {
  /** Values of the CI service's variables, by name. */
  readonly outputs: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, props: DeployAccountProps) {
    super(scope, id);
    const { environment, state } = props;
    const account = new ServiceAccount(this, "deploy", {
      accountId: resourceName(environment.name, "deploy", "serviceAccount"),
      displayName: `deploy (${environment.name})`,
      description: "Applies the environment's stack for the CI service",
    });
    const { pool, provider } = this.federate(props, account);
    const plan = new PlanAccount(this, "plan", { ...props, pool });
    this.outputs = {
      workload_identity_provider: provider.name,
      deploy_account: account.email,
      plan_identity_provider: plan.provider.name,
      plan_account: plan.account.email,
    };
    this.grant(environment, account);
    props.workloads.grantStartingServices(this, account);
    state.bucket.grant(this, "state", account, "roles/storage.objectUser");
  }

  private federate(
    { environment, ci, repository }: DeployAccountProps,
    account: ServiceAccount,
  ): { pool: IamWorkloadIdentityPool; provider: IamWorkloadIdentityPoolProvider } {
    const pool = new IamWorkloadIdentityPool(this, "pool", {
      workloadIdentityPoolId: resourceName(environment.name, "ci"),
      displayName: "CI service",
      description: `Jobs that deploy ${environment.name}`,
    });
    const provider = new IamWorkloadIdentityPoolProvider(this, "provider", {
      workloadIdentityPoolId: pool.workloadIdentityPoolId,
      workloadIdentityPoolProviderId: "ci-oidc",
      displayName: "CI service's tokens",
      attributeMapping: mayOnly("deploy"),
      // Every repository gets tokens of this issuer. Here they work only for this repository, and only in a job that the
      // service admitted to the environment of this name. Jobs of other branches and of pull requests can ask for that
      // environment too, so branch and event are checked as well.
      attributeCondition: [
        ...ofRepository(repository),
        "has(assertion.environment)",
        `assertion.environment == "${environment.name}"`,
        `assertion.ref == "refs/heads/${ci.branch}"`,
        `assertion.event_name in [${DEPLOY_EVENTS.map((event) => `"${event}"`).join(", ")}]`,
      ].join(" && "),
      oidc: { issuerUri: ci.issuer },
    });
    new ServiceAccountIamMember(this, "ci-as-deploy", {
      serviceAccountId: account.name,
      role: "roles/iam.workloadIdentityUser",
      member: membersThatMay("deploy", pool),
    });
    return { pool, provider };
  }

  private grant({ name, projectId }: DeployAccountProps["environment"], account: ServiceAccount): void {
    const grants = new Construct(this, "grants");
    exceptFromGuardrail(
      grants,
      "no-basic-role",
      "the deploy account creates and deletes whole services; no other account has these roles",
    );
    for (const role of DEPLOY_ROLES) {
      new ProjectIamMember(grants, role.slice("roles/".length).replaceAll(".", "-"), {
        project: projectId,
        role,
        member: account.member,
      });
    }
    const custom = (Object.keys(CUSTOM_ROLES) as CustomRole[])
      .filter((role) => !ON_ONE_RESOURCE.includes(role))
      .map((role) => customRole({ name, projectId }, role));
    const grantable = [...PROJECT_ROLES, ...custom].map((role) => `'${role}'`).join(", ");
    new ProjectIamMember(grants, "project-grants", {
      project: projectId,
      role: "roles/resourcemanager.projectIamAdmin",
      member: account.member,
      // Without it the account could make itself owner.
      condition: {
        title: "platform roles only",
        description: "Grants the roles of the platform's stack and no others",
        expression: `api.getAttribute('iam.googleapis.com/modifiedGrantsByRole', []).hasOnly([${grantable}])`,
      },
    });
  }
}

import { IamWorkloadIdentityPool } from "@cdktf/provider-google/lib/iam-workload-identity-pool";
import { IamWorkloadIdentityPoolProvider } from "@cdktf/provider-google/lib/iam-workload-identity-pool-provider";
import { ProjectIamCustomRole } from "@cdktf/provider-google/lib/project-iam-custom-role";
import { ProjectIamMember } from "@cdktf/provider-google/lib/project-iam-member";
import { ServiceAccount } from "@cdktf/provider-google/lib/service-account";
import { ServiceAccountIamMember } from "@cdktf/provider-google/lib/service-account-iam-member";
import { StorageBucketIamMember } from "@cdktf/provider-google/lib/storage-bucket-iam-member";
import { Construct } from "constructs";
import { CiService } from "../../environments/ci";
import { Environment } from "../../environments/environment";
import { PROJECT_ROLES } from "../access/platform-access";
import { CUSTOM_ROLES } from "../identity/custom-roles";
import { exceptFromGuardrail } from "../guardrails/guardrails";
import { resourceName, roleId } from "../../environments/naming";
import { PlanAccount } from "./plan-account";
import { StateBackend } from "./state-bucket";

/** What it takes to make, change and remove everything in an environment's stack. */
const DEPLOY_ROLES = [
  "roles/bigquery.admin",
  "roles/browser",
  "roles/cloudkms.admin",
  "roles/cloudscheduler.admin",
  "roles/cloudsql.admin",
  "roles/composer.admin",
  "roles/compute.networkAdmin",
  "roles/compute.securityAdmin",
  "roles/dataproc.admin",
  "roles/dns.admin",
  "roles/iam.roleAdmin",
  "roles/iam.serviceAccountAdmin",
  "roles/logging.configWriter",
  "roles/monitoring.admin",
  "roles/pubsub.admin",
  "roles/secretmanager.admin",
  "roles/servicenetworking.networksAdmin",
  "roles/serviceusage.serviceUsageAdmin",
  "roles/storage.admin",
] as const;

export interface DeploymentProps {
  readonly environment: Environment;
  readonly ci: CiService;
  readonly state: StateBackend;
}

/** Events of the CI service that may deploy; a pull request is none of them, whatever branch it names. */
const DEPLOYING = ["push", "schedule", "workflow_dispatch"];

/** The deploy account and the plan account, and the CI service's way to them: by its own tokens, never by a key. */
export class Deployment extends Construct {
  /** What the CI service's variables have to hold, by name. */
  readonly outputs: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, props: DeploymentProps) {
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
    new StorageBucketIamMember(this, "state", {
      bucket: state.bucket.bucket.name,
      role: "roles/storage.objectUser",
      member: account.member,
    });
  }

  private federate(
    { environment, ci }: DeploymentProps,
    account: ServiceAccount,
  ): { pool: IamWorkloadIdentityPool; provider: IamWorkloadIdentityPoolProvider } {
    const subject = `repo:${ci.repository}:environment:${environment.name}`;
    const pool = new IamWorkloadIdentityPool(this, "pool", {
      workloadIdentityPoolId: resourceName(environment.name, "ci"),
      displayName: "CI service",
      description: `Jobs that deploy ${environment.name}`,
    });
    const provider = new IamWorkloadIdentityPoolProvider(this, "provider", {
      workloadIdentityPoolId: pool.workloadIdentityPoolId,
      workloadIdentityPoolProviderId: "ci-oidc",
      displayName: "CI service's tokens",
      attributeMapping: { "google.subject": "assertion.sub" },
      // Anybody's repository gets tokens of this issuer: only ours may use them here, and only in a job that the
      // service let into the environment of this name. A job of a branch or of a pull request can ask for that
      // environment too: what nobody has approved does not deploy.
      attributeCondition: [
        `assertion.sub == "${subject}"`,
        `assertion.ref == "refs/heads/${ci.branch}"`,
        `assertion.event_name in [${DEPLOYING.map((event) => `"${event}"`).join(", ")}]`,
      ].join(" && "),
      oidc: { issuerUri: ci.issuer },
    });
    new ServiceAccountIamMember(this, "ci-as-deploy", {
      serviceAccountId: account.name,
      role: "roles/iam.workloadIdentityUser",
      member: `principal://iam.googleapis.com/${pool.name}/subject/${subject}`,
    });
    return { pool, provider };
  }

  private grant(environment: Environment, account: ServiceAccount): void {
    const grants = new Construct(this, "grants");
    exceptFromGuardrail(
      grants,
      "no-basic-role",
      "the deploy account makes and removes whole services; it holds these roles here and nobody else does",
    );
    for (const role of DEPLOY_ROLES) {
      new ProjectIamMember(grants, role.slice("roles/".length).replaceAll(".", "-"), {
        project: environment.projectId,
        role,
        member: account.member,
      });
    }
    // Composer and the cluster start as accounts that the stack makes: which ones is not known here, so for any.
    const actAs = new ProjectIamCustomRole(grants, "role-act-as", {
      project: environment.projectId,
      roleId: roleId(environment.name, "deployActAs"),
      title: `Sales platform (${environment.name}): start services as their accounts`,
      permissions: ["iam.serviceAccounts.actAs"],
    });
    new ProjectIamMember(grants, "act-as", {
      project: environment.projectId,
      role: actAs.name,
      member: account.member,
    });
    const custom = Object.keys(CUSTOM_ROLES).map(
      (name) => `projects/${environment.projectId}/roles/${roleId(environment.name, name)}`,
    );
    const grantable = [...PROJECT_ROLES, ...custom].map((role) => `'${role}'`).join(", ");
    new ProjectIamMember(grants, "project-grants", {
      project: environment.projectId,
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

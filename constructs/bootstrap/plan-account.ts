import { IamWorkloadIdentityPool } from "@cdktf/provider-google/lib/iam-workload-identity-pool";
import { IamWorkloadIdentityPoolProvider } from "@cdktf/provider-google/lib/iam-workload-identity-pool-provider";
import { ProjectIamCustomRole } from "@cdktf/provider-google/lib/project-iam-custom-role";
import { ProjectIamMember } from "@cdktf/provider-google/lib/project-iam-member";
import { ServiceAccount } from "@cdktf/provider-google/lib/service-account";
import { ServiceAccountIamMember } from "@cdktf/provider-google/lib/service-account-iam-member";
import { Construct } from "constructs";
import { CiService, Repository } from "../../environments/ci";
import { Environment } from "../../environments/environment";
import { bucketName, resourceName, roleId } from "../../environments/naming";
import { SHIPPED_PREFIXES } from "../lake/artifact-files";
import { mayOnly, membersThatMay, ofRepository } from "./ci-tokens";
import { PLAN_PERMISSIONS } from "./plan-permissions";
import { StateBucket } from "./state-bucket";

export interface PlanAccountProps {
  readonly environment: Pick<Environment, "name" | "projectId">;
  readonly ci: Pick<CiService, "issuer" | "branch">;
  readonly repository: Repository;
  readonly state: StateBucket;
  /** Pool of the CI service's identities. */
  readonly pool: IamWorkloadIdentityPool;
}

/** Events of the CI service on which the nightly plan of the branch runs. */
const NIGHTLY_EVENTS = ["schedule", "workflow_dispatch"];

/**
 * Service account that plans for pull requests, and every night to find drift. A pull request runs code that nobody has
 * reviewed, so the account changes nothing and reads no data, and it is the only one that such a job can use.
 */
export class PlanAccount extends Construct {
  readonly account: ServiceAccount;
  readonly provider: IamWorkloadIdentityPoolProvider;

  constructor(scope: Construct, id: string, props: PlanAccountProps) {
    super(scope, id);
    const { environment, ci, repository, pool } = props;
    this.account = new ServiceAccount(this, "account", {
      accountId: resourceName(environment.name, "plan", "serviceAccount"),
      displayName: `plan (${environment.name})`,
      description: "Plans the environment's stack for pull requests, changes nothing",
    });
    const nightly = NIGHTLY_EVENTS.map((event) => `"${event}"`).join(", ");
    this.provider = new IamWorkloadIdentityPoolProvider(this, "provider", {
      workloadIdentityPoolId: pool.workloadIdentityPoolId,
      workloadIdentityPoolProviderId: "ci-pull-request",
      displayName: "CI service's tokens, plans",
      attributeMapping: mayOnly("plan"),
      // A job in an environment waits for its reviewers and may deploy: no plan runs in one.
      attributeCondition: [
        ...ofRepository(repository),
        "!has(assertion.environment)",
        `(assertion.event_name == "pull_request" || (assertion.event_name in [${nightly}] && assertion.ref == "refs/heads/${ci.branch}"))`,
      ].join(" && "),
      oidc: { issuerUri: ci.issuer },
    });
    new ServiceAccountIamMember(this, "ci-as-plan", {
      serviceAccountId: this.account.name,
      role: "roles/iam.workloadIdentityUser",
      member: membersThatMay("plan", pool),
    });
    this.grant(props);
  }

  private grant({ environment, state }: PlanAccountProps): void {
    const { name, projectId } = environment;
    const { member } = this.account;
    const role = new ProjectIamCustomRole(this, "role", {
      project: projectId,
      roleId: roleId(name, "plan"),
      title: `Sales platform (${name}): read what a plan compares`,
      permissions: [...PLAN_PERMISSIONS],
    });
    new ProjectIamMember(this, "reads", { project: projectId, role: role.name, member });
    const prefixes = Object.entries(SHIPPED_PREFIXES).flatMap(([bucket, folders]) =>
      folders.map((folder) => `projects/_/buckets/${bucketName(projectId, bucket)}/objects/${folder}`),
    );
    new ProjectIamMember(this, "reads-files", {
      project: projectId,
      role: "roles/storage.objectViewer",
      member,
      condition: {
        title: "shipped files only",
        description: "Job, DAG, driver, sample data and markers, whose MD5 a plan compares",
        expression: prefixes.map((prefix) => `resource.name.startsWith("${prefix}")`).join(" || "),
      },
    });
    // Read only: a plan of a pull request takes no lock.
    state.bucket.grant(this, "reads-state", this.account, "roles/storage.objectViewer");
  }
}

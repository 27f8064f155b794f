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
import { bucketName, resourceName, roleId } from "../../environments/naming";
import { SHIPPED_PREFIXES } from "../lake/job-artifacts";
import { PLAN_PERMISSIONS } from "./plan-permissions";
import { StateBackend } from "./state-bucket";

export interface PlanAccountProps {
  readonly environment: Environment;
  readonly ci: CiService;
  readonly state: StateBackend;
  readonly pool: IamWorkloadIdentityPool;
}

/**
 * The account that pull requests plan as. A pull request runs code that nobody has read yet, so the account changes
 * nothing, reads no data, and is the only one that such a job becomes.
 */
export class PlanAccount extends Construct {
  readonly account: ServiceAccount;
  readonly provider: IamWorkloadIdentityPoolProvider;

  constructor(scope: Construct, id: string, props: PlanAccountProps) {
    super(scope, id);
    const { environment, ci, state, pool } = props;
    this.account = new ServiceAccount(this, "account", {
      accountId: resourceName(environment.name, "plan", "serviceAccount"),
      displayName: `plan (${environment.name})`,
      description: "Plans the environment's stack for pull requests, changes nothing",
    });
    const subject = `repo:${ci.repository}:pull_request`;
    this.provider = new IamWorkloadIdentityPoolProvider(this, "provider", {
      workloadIdentityPoolId: pool.workloadIdentityPoolId,
      workloadIdentityPoolProviderId: "ci-pull-request",
      displayName: "CI service's tokens, plans",
      attributeMapping: { "google.subject": "assertion.sub" },
      attributeCondition: `assertion.sub == "${subject}" && assertion.event_name == "pull_request"`,
      oidc: { issuerUri: ci.issuer },
    });
    new ServiceAccountIamMember(this, "ci-as-plan", {
      serviceAccountId: this.account.name,
      role: "roles/iam.workloadIdentityUser",
      member: `principal://iam.googleapis.com/${pool.name}/subject/${subject}`,
    });
    this.grant(environment, state);
  }

  private grant(environment: Environment, state: StateBackend): void {
    const { name, projectId } = environment;
    const { member } = this.account;
    const role = new ProjectIamCustomRole(this, "role", {
      project: projectId,
      roleId: roleId(name, "plan"),
      title: `Sales platform (${name}): read what a plan compares`,
      permissions: [...PLAN_PERMISSIONS],
    });
    new ProjectIamMember(this, "reads", { project: projectId, role: role.name, member });
    const beginnings = Object.entries(SHIPPED_PREFIXES).flatMap(([bucket, folders]) =>
      folders.map((folder) => `projects/_/buckets/${bucketName(projectId, bucket)}/objects/${folder}`),
    );
    new ProjectIamMember(this, "reads-files", {
      project: projectId,
      role: "roles/storage.objectViewer",
      member,
      condition: {
        title: "shipped files only",
        description: "Job, DAG, driver and sample data, whose MD5 a plan compares",
        expression: beginnings.map((start) => `resource.name.startsWith("${start}")`).join(" || "),
      },
    });
    // Read alone: a plan of a pull request takes no lock.
    new StorageBucketIamMember(this, "reads-state", {
      bucket: state.bucket.bucket.name,
      role: "roles/storage.objectViewer",
      member,
    });
  }
}

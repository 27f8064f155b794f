import { ServiceAccount } from "@cdktf/provider-google/lib/service-account";
import { ServiceAccountIamMember } from "@cdktf/provider-google/lib/service-account-iam-member";
import { Construct } from "constructs";
import { Environment } from "../../environments/environment";
import { accountEmail, resourceName } from "../../environments/naming";

/** Anything that a role can be granted to. */
export interface Grantee {
  /** As IAM writes it, for example `serviceAccount:<email>`. */
  readonly member: string;
}

export interface WorkloadIdentityProps {
  readonly environment: Pick<Environment, "name" | "projectId">;
  readonly description: string;
}

/** Service account of one workload. It is no construct itself, so that the account's path is `<scope>/<workload>`. */
export class WorkloadIdentity implements Grantee {
  readonly account: ServiceAccount;
  /** Known at synth. */
  readonly email: string;
  /** A reference to the account: whoever uses it waits for the account. */
  readonly member: string;

  constructor(scope: Construct, id: string, props: WorkloadIdentityProps) {
    const { name, projectId } = props.environment;
    this.account = new ServiceAccount(scope, id, {
      accountId: resourceName(name, id, "serviceAccount"),
      displayName: `${id} (${name})`,
      description: props.description,
    });
    this.email = accountEmail(projectId, name, id);
    this.member = this.account.member;
  }

  /** Grants a role on this account, such as to act as it. */
  grant(scope: Construct, id: string, grantee: Grantee, role: string): ServiceAccountIamMember {
    return new ServiceAccountIamMember(scope, id, {
      serviceAccountId: this.account.name,
      role,
      member: grantee.member,
    });
  }
}

import { ServiceAccount } from "@cdktf/provider-google/lib/service-account";
import { ServiceAccountIamMember } from "@cdktf/provider-google/lib/service-account-iam-member";
import { Construct } from "constructs";
import { Environment } from "../../environments/environment";
import { resourceName } from "../../environments/naming";
import { Workload, WORKLOADS, workloadsOf } from "../identity/identities";
import { Grantee } from "../identity/workload-identity";

export interface WorkloadAccountsProps {
  readonly environment: Pick<Environment, "name" | "projectId" | "officeHours">;
}

/**
 * Service accounts of the workloads, and what they may do with one another. They are here and not in the environment's
 * stack, because who may grant roles on accounts can act as any account of the project.
 */
export class WorkloadAccounts extends Construct {
  private readonly accounts = new Map<Workload, ServiceAccount>();

  constructor(scope: Construct, id: string, props: WorkloadAccountsProps) {
    super(scope, id);
    const { environment } = props;
    for (const workload of workloadsOf(environment)) {
      const account = new ServiceAccount(this, workload, {
        project: environment.projectId,
        accountId: resourceName(environment.name, workload, "serviceAccount"),
        displayName: `${workload} (${environment.name})`,
        description: WORKLOADS[workload],
      });
      this.accounts.set(workload, account);
    }
    const orchestrator = this.account("orchestrator");
    // Submits jobs as the processing account and as no other (ankurchavda/streamify#7).
    this.grant(
      this,
      "orchestrator-as-processing",
      "processing",
      orchestrator,
      "roles/iam.serviceAccountUser",
    );
    // Rotation and drill impersonate the operator account, which needs a token of it.
    this.grant(
      this,
      "orchestrator-as-operator",
      "operator",
      orchestrator,
      "roles/iam.serviceAccountTokenCreator",
    );
  }

  /** Lets `grantee` start services as the accounts that services run as: Composer, the cluster, scheduled requests. */
  grantStartingServices(scope: Construct, grantee: Grantee): void {
    for (const workload of ["orchestrator", "processing", "caretaker"] as const)
      if (this.accounts.has(workload))
        this.grant(scope, `as-${workload}`, workload, grantee, "roles/iam.serviceAccountUser");
  }

  private grant(scope: Construct, id: string, on: Workload, grantee: Grantee, role: string): void {
    new ServiceAccountIamMember(scope, id, {
      serviceAccountId: this.account(on).name,
      role,
      member: grantee.member,
    });
  }

  private account(workload: Workload): ServiceAccount {
    const account = this.accounts.get(workload);
    if (!account) throw new Error(`${workload}: this environment has no such account`);
    return account;
  }
}

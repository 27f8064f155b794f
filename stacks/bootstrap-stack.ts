import { GoogleProvider } from "@cdktf/provider-google/lib/provider";
import {
  Annotations,
  Aspects,
  GcsBackend,
  IAspect,
  LocalBackend,
  TerraformDataSource,
  TerraformOutput,
  TerraformProvider,
  TerraformResource,
  TerraformStack,
} from "cdktf";
import { Construct, IConstruct } from "constructs";
import { DeployAccount } from "../constructs/bootstrap/deploy-account";
import { PlatformRoles } from "../constructs/bootstrap/platform-roles";
import { StateBucket } from "../constructs/bootstrap/state-bucket";
import { WorkloadAccounts } from "../constructs/bootstrap/workload-accounts";
import { Apis, BOOTSTRAP_APIS, WaitForApis } from "../constructs/foundation/apis";
import { isOfTerraform } from "../constructs/foundation/wait";
import { LabelEverything } from "../constructs/foundation/labels";
import { Guardrails } from "../constructs/guardrails/guardrails";
import { CiService } from "../environments/ci";
import { Environment } from "../environments/environment";

export interface BootstrapStackProps {
  readonly environments: readonly Environment[];
  readonly ci: CiService;
  /**
   * Bucket of this stack's own state.
   * @default - a local file, because the first apply creates the buckets
   */
  readonly stateBucket?: string;
}

/**
 * Everything that must exist before an environment can be deployed: its state bucket with a key, the accounts of
 * its workloads, the platform's own roles, and, where there is a repository, the accounts with which the CI service
 * deploys and plans. An administrator applies it once, and again for a new environment.
 */
export class BootstrapStack extends TerraformStack {
  constructor(scope: Construct, id: string, props: BootstrapStackProps) {
    super(scope, id);
    if (props.stateBucket === undefined) new LocalBackend(this, { path: "../../../bootstrap.tfstate" });
    else new GcsBackend(this, { bucket: props.stateBucket, prefix: "bootstrap" });

    const { repository, ...ci } = props.ci;
    if (!repository) {
      Annotations.of(this).addWarning(
        "bootstrap: no repository, so no account for CI: set SALES_CI_REPOSITORY, SALES_CI_REPOSITORY_ID and SALES_CI_OWNER_ID",
      );
    }
    for (const { name, projectId, region, ...rest } of props.environments) {
      // The state must remain even when its environment may be destroyed.
      const environment: Environment = { ...rest, name, projectId, region, protection: "protected" };
      const provider = new GoogleProvider(this, `google-${name}`, {
        alias: name,
        project: projectId,
        region,
      });
      const part = new Construct(this, name);
      const apis = new Apis(part, "apis", { projectId, apis: BOOTSTRAP_APIS, newProject: true });
      const state = new StateBucket(part, "state", { environment, apis });
      new PlatformRoles(part, "roles", { environment });
      const workloads = new WorkloadAccounts(part, "workloads", { environment });
      if (repository) {
        const { outputs } = new DeployAccount(part, "deployment", {
          environment,
          ci,
          repository,
          state,
          workloads,
        });
        for (const [key, value] of Object.entries(outputs)) {
          new TerraformOutput(part, `output-${key}`, { value }).overrideLogicalId(`${name}_${key}`);
        }
      }

      Aspects.of(part).add(new UseProvider(provider));
      Aspects.of(part).add(new LabelEverything(part, environment));
      Aspects.of(part).add(new WaitForApis(apis));
      Aspects.of(part).add(new Guardrails(environment));
    }
  }
}

/** Sets the provider of all of Google's resources below a construct: one environment's project. */
class UseProvider implements IAspect {
  constructor(private readonly provider: TerraformProvider) {}

  visit(node: IConstruct): void {
    const ofGoogle = node instanceof TerraformResource && !isOfTerraform(node);
    if (ofGoogle || node instanceof TerraformDataSource) node.provider = this.provider;
  }
}

import { GoogleProvider } from "@cdktf/provider-google/lib/provider";
import {
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
import { Apis, BOOTSTRAP_APIS, WaitForApis } from "../constructs/foundation/apis";
import { Deployment } from "../constructs/bootstrap/deploy-account";
import { Guardrails } from "../constructs/guardrails/guardrails";
import { LabelEverything } from "../constructs/foundation/labels";
import { StateBackend } from "../constructs/bootstrap/state-bucket";
import { CiService } from "../environments/ci";
import { Environment } from "../environments/environment";

export interface BootstrapProps {
  readonly environments: readonly Environment[];
  readonly ci: CiService;
  /** Bucket of this stack's own state; without it a local file, since the first apply makes the buckets. */
  readonly stateBucket?: string;
}

/**
 * What must be there before an environment can be deployed: its state bucket, that bucket's key, and the accounts
 * that the CI service deploys and plans as. Applied once, by a person, and again when an environment is added.
 */
export class BootstrapStack extends TerraformStack {
  constructor(scope: Construct, id: string, props: BootstrapProps) {
    super(scope, id);
    if (props.stateBucket === undefined) new LocalBackend(this, { path: "../../../bootstrap.tfstate" });
    else new GcsBackend(this, { bucket: props.stateBucket, prefix: "bootstrap" });

    for (const { name, projectId, region, ...rest } of props.environments) {
      // The state outlives whatever may be destroyed with the environment.
      const environment: Environment = { ...rest, name, projectId, region, protection: "protected" };
      const provider = new GoogleProvider(this, `google-${name}`, {
        alias: name,
        project: projectId,
        region,
      });
      const part = new Construct(this, name);
      const apis = new Apis(part, "apis", BOOTSTRAP_APIS);
      const state = new StateBackend(part, "state", environment);
      const { outputs } = new Deployment(part, "deployment", { environment, ci: props.ci, state });
      for (const [key, value] of Object.entries(outputs)) {
        new TerraformOutput(part, `output-${key}`, { value }).overrideLogicalId(`${name}_${key}`);
      }

      Aspects.of(part).add(new UseProvider(provider));
      Aspects.of(part).add(new LabelEverything(part, environment));
      Aspects.of(part).add(new WaitForApis(apis));
      Aspects.of(part).add(new Guardrails(environment));
    }
  }
}

/** Sends everything below to one environment's project. */
class UseProvider implements IAspect {
  constructor(private readonly provider: TerraformProvider) {}

  visit(node: IConstruct): void {
    if (node instanceof TerraformResource || node instanceof TerraformDataSource)
      node.provider = this.provider;
  }
}

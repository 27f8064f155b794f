import { IAspect, TerraformResource } from "cdktf";
import { Construct, IConstruct } from "constructs";
import { Environment } from "../../environments/environment";

export type Labels = Readonly<Record<string, string>>;

/** Value of the label `application`. */
export const APPLICATION_LABEL = "sales-analytics";

/** Keys of the labels that every resource has. */
export const LABEL_KEYS = ["environment", "application", "component", "cost-center", "team"] as const;

/** Fields of an environment that become labels. */
export type LabelledEnvironment = Pick<Environment, "name" | "costCenter" | "team">;

export function labelsFor(environment: LabelledEnvironment, component: string): Labels {
  return {
    environment: environment.name,
    application: APPLICATION_LABEL,
    component,
    "cost-center": environment.costCenter,
    team: environment.team,
  };
}

/** Sets the labels on every resource that has labels, so that no construct can forget them. */
export class LabelEverything implements IAspect {
  constructor(
    private readonly stack: Construct,
    private readonly environment: LabelledEnvironment,
  ) {}

  visit(node: IConstruct): void {
    if (!(node instanceof TerraformResource)) return;
    const labels = labelsFor(this.environment, this.component(node));
    // A notification channel has both; its `labels` are settings, and the API refuses other keys there.
    if ("userLabelsInput" in node && "userLabels" in node) {
      Object.assign(node, { userLabels: { ...(node.userLabelsInput as Labels | undefined), ...labels } });
    } else if ("labelsInput" in node && "labels" in node) {
      Object.assign(node, { labels: { ...(node.labelsInput as Labels | undefined), ...labels } });
    }
  }

  /** Id of the stack's child that the resource belongs to: `network`, `lake`, `database`... */
  private component(node: IConstruct): string {
    const path = node.node.scopes;
    return path[path.indexOf(this.stack) + 1]?.node.id ?? "platform";
  }
}

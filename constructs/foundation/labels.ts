import { IAspect, TerraformResource } from "cdktf";
import { Construct, IConstruct } from "constructs";
import { Environment } from "../../environments/environment";

export type Labels = Readonly<Record<string, string>>;

/** Application named on every label set. */
export const APPLICATION_LABEL = "sales-analytics";

/** Keys that every labelled resource carries. */
export const LABEL_KEYS = ["environment", "application", "component", "cost-center", "team"] as const;

export function labelsFor(environment: Environment, component: string): Labels {
  return {
    environment: environment.name,
    application: APPLICATION_LABEL,
    component,
    "cost-center": environment.costCenter,
    team: environment.team,
  };
}

/** Puts the labels on everything that takes labels, so that no resource can be forgotten. */
export class LabelEverything implements IAspect {
  constructor(
    private readonly stack: Construct,
    private readonly environment: Environment,
  ) {}

  visit(node: IConstruct): void {
    if (!(node instanceof TerraformResource)) return;
    const labels = labelsFor(this.environment, this.component(node));
    // Where a resource has both, as a notification channel, `labels` are its settings: the API refuses keys of ours.
    if ("userLabelsInput" in node && "userLabels" in node) {
      Object.assign(node, { userLabels: { ...(node.userLabelsInput as Labels | undefined), ...labels } });
    } else if ("labelsInput" in node && "labels" in node) {
      Object.assign(node, { labels: { ...(node.labelsInput as Labels | undefined), ...labels } });
    }
  }

  /** The construct of the stack that the resource belongs to: `network`, `lake`, `database`... */
  private component(node: IConstruct): string {
    const path = node.node.scopes;
    return path[path.indexOf(this.stack) + 1]?.node.id ?? "platform";
  }
}

import {
  Annotations,
  DefaultTokenResolver,
  IAspect,
  StringConcat,
  TerraformResource,
  Tokenization,
} from "cdktf";
import { Construct, IConstruct } from "constructs";
import { Environment } from "../../environments/environment";
import { isObject, NotKnownAtSynth, ResourceView } from "./resource-view";
import { RULES } from "./rules";

const EXCEPTION = "guardrail-exception";
/** A reason shorter than this says nothing. */
const SHORTEST_REASON = 20;

/**
 * Lets `scope`, and what is below it, break a rule. The reason is shown at every synth.
 *
 * @throws when there is no such rule, or the reason is no sentence
 */
export function exceptFromGuardrail(scope: Construct, rule: string, reason: string): void {
  if (!RULES.some(({ id }) => id === rule)) {
    throw new Error(`${scope.node.path}: no guardrail is called '${rule}'`);
  }
  if (reason.trim().length < SHORTEST_REASON) {
    throw new Error(`${scope.node.path}: the exception from ${rule} needs a written reason`);
  }
  scope.node.addMetadata(EXCEPTION, { rule, reason });
}

/** Holds every resource against {@link RULES}: a violation fails the synth, an unknown value is a warning. */
export class Guardrails implements IAspect {
  constructor(private readonly environment: Environment) {}

  visit(node: IConstruct): void {
    if (!(node instanceof TerraformResource)) return;
    const type = node.terraformResourceType;
    const rules = RULES.filter((rule) => rule.concerns(type));
    if (rules.length === 0) return;
    const resource = view(node);
    for (const rule of rules) {
      try {
        const problem = rule.problem(resource, this.environment);
        if (problem === undefined) continue;
        const reason = exception(node, rule.id);
        if (reason === undefined) {
          Annotations.of(node).addError(
            `guardrail ${rule.id}: ${resource.address}: ${problem}: ${rule.remedy}`,
          );
        } else {
          Annotations.of(node).addInfo(
            `guardrail ${rule.id}: ${resource.address}: ${problem}: excepted, ${reason}`,
          );
        }
      } catch (error) {
        if (!(error instanceof NotKnownAtSynth)) throw error;
        Annotations.of(node).addWarning(`guardrail ${rule.id}: ${resource.address}: ${error.message}`);
      }
    }
  }
}

/** Resolves what a rule looks at and nothing else: resolving every attribute would double the time of a synth. */
function view(node: TerraformResource): ResourceView {
  const type = node.terraformResourceType;
  const raw = node.toTerraform() as { resource: Record<string, Record<string, unknown>> };
  const resolve = (value: unknown): unknown =>
    Tokenization.resolve(value, {
      scope: node,
      resolver: new DefaultTokenResolver(new StringConcat()),
      preparing: false,
    });
  const address = `${type}.${node.friendlyUniqueId}`;
  return new ResourceView(type, address, raw.resource[type]?.[node.friendlyUniqueId], resolve);
}

function exception(node: IConstruct, rule: string): string | undefined {
  for (const scope of node.node.scopes) {
    for (const { type, data } of scope.node.metadata) {
      if (type === EXCEPTION && isObject(data) && data.rule === rule) return String(data.reason);
    }
  }
  return undefined;
}

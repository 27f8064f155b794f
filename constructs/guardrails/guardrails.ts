import {
  Annotations,
  DefaultTokenResolver,
  IAspect,
  StringConcat,
  TerraformResource,
  Tokenization,
} from "cdktf";
import { Construct, IConstruct } from "constructs";
import { isObject, NotKnownAtSynth, ResourceView } from "./resource-view";
import { RuleEnvironment } from "./rule";
import { RULES } from "./rules";

const EXCEPTION = "guardrail-exception";
/** Metadata of a resource that breaks a rule by an exception. */
export const EXCEPTED = "guardrail-excepted";
/** A reason must be a sentence. */
const MIN_REASON_LENGTH = 20;

/**
 * Allows `scope` and everything below it to break a rule. Every synth prints the reason.
 *
 * @throws when the rule does not exist, or the reason is too short to be a sentence
 */
export function exceptFromGuardrail(scope: Construct, rule: string, reason: string): void {
  if (!RULES.some(({ id }) => id === rule)) {
    throw new Error(
      `${scope.node.path}: no guardrail is called '${rule}', see constructs/guardrails/rules.ts`,
    );
  }
  if (reason.trim().length < MIN_REASON_LENGTH) {
    throw new Error(
      `${scope.node.path}: the exception from ${rule} needs a written reason of at least ${MIN_REASON_LENGTH} characters`,
    );
  }
  scope.node.addMetadata(EXCEPTION, { rule, reason });
}

/** Checks every resource against {@link RULES}: a violation fails the synth, a value unknown at synth is a warning. */
export class Guardrails implements IAspect {
  constructor(private readonly environment: RuleEnvironment) {}

  visit(node: IConstruct): void {
    if (!(node instanceof TerraformResource)) return;
    const type = node.terraformResourceType;
    const rules = RULES.filter((rule) => rule.appliesTo(type));
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
          // Not an annotation: the cdktf command prints each of those on a line of its own.
          node.node.addMetadata(EXCEPTED, { rule: rule.id, reason });
        }
      } catch (error) {
        if (!(error instanceof NotKnownAtSynth)) throw error;
        Annotations.of(node).addWarning(`guardrail ${rule.id}: ${resource.address}: ${error.message}`);
      }
    }
  }
}

/** Resolves only the attributes that a rule reads: resolving all of them would double the time of a synth. */
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

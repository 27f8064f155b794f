import { Environment } from "../../environments/environment";
import { ResourceView } from "./resource-view";

/** Fields of an environment on which rules depend. */
export type RuleEnvironment = Pick<Environment, "name" | "region" | "protection" | "customerKeys">;

/** One guardrail; `npm run docs` lists them in docs/guardrails.md. */
export interface Rule {
  readonly id: string;
  /** What the rule requires, as one sentence. */
  readonly description: string;
  /** How to mend a violation. */
  readonly remedy: string;
  /** Whether the rule checks resources of `type`. */
  readonly appliesTo: (type: string) => boolean;
  /**
   * The violation; undefined when the resource complies.
   *
   * @throws NotKnownAtSynth where a value is known only after an apply
   */
  readonly problem: (resource: ResourceView, environment: RuleEnvironment) => string | undefined;
}

/** Applies to these types. */
export const types =
  (...names: string[]) =>
  (type: string): boolean =>
    names.includes(type);

export function shown(value: unknown): string {
  return value === undefined ? "not set" : JSON.stringify(value);
}

/** The first attribute that differs from its required value, as `path is X`. */
export function differs(
  resource: ResourceView,
  required: Readonly<Record<string, unknown>>,
): string | undefined {
  for (const [path, value] of Object.entries(required)) {
    const actual = resource.known(path);
    if (actual !== value) return `${path} is ${shown(actual)}`;
  }
  return undefined;
}

/** Returns a problem unless the attribute listed for this resource type is set. */
export function unset(resource: ResourceView, paths: Readonly<Record<string, string>>): string | undefined {
  const path = paths[resource.type];
  return path !== undefined && resource.get(path) === undefined ? `${path} is not set` : undefined;
}

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Environment } from "../../../environments/environment";

/** Attributes of one resource, as Terraform reads them. */
export type Attributes = Readonly<Record<string, unknown>>;

/** The synthesized JSON of one stack. */
export class Plan {
  private constructor(readonly json: Record<string, unknown>) {}

  static of(json: Record<string, unknown>): Plan {
    return new Plan(json);
  }

  static read(file: string): Plan {
    return new Plan(JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>);
  }

  /** Resources by their address, `<type>.<logical id>`; without CDKTF's own notes. */
  get resources(): ReadonlyMap<string, Attributes> {
    const types = (this.json.resource ?? {}) as Record<string, Record<string, Attributes>>;
    const found = new Map<string, Attributes>();
    for (const type of Object.keys(types).sort()) {
      for (const [id, attributes] of Object.entries(types[type] ?? {}).sort()) {
        const { "//": _note, ...meant } = attributes;
        found.set(`${type}.${id}`, meant);
      }
    }
    return found;
  }

  /** Every resource of a type. */
  all(type: string): Attributes[] {
    return [...this.resources].filter(([address]) => address.startsWith(`${type}.`)).map(([, item]) => item);
  }

  /** The only resource of a type. */
  only(type: string): Attributes {
    const [first, ...others] = this.all(type);
    if (first === undefined || others.length > 0)
      throw new Error(`${type}: ${others.length + Number(first !== undefined)} in the stack, not one`);
    return first;
  }

  /** The one resource of a type whose `name` equals or ends with `name`. */
  named(type: string, name: string): Attributes {
    const found = this.all(type).filter((item) => String(item.name).endsWith(name));
    if (found.length !== 1 || !found[0]) throw new Error(`${type}: ${found.length} are named ${name}`);
    return found[0];
  }
}

/** Value at a path such as `settings.ip_configuration.ssl_mode`; a block written as a list of one counts as itself. */
export function at(item: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((value, key) => {
    const block: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
    return typeof block === "object" && block !== null ? (block as Record<string, unknown>)[key] : undefined;
  }, item);
}

/** Result of a synth. */
export interface Synthesized {
  /** Folder of the output; a stack is in `stacks/<name>/cdk.tf.json`. */
  readonly outdir: string;
  /** Lines that `npm run synth` prints beside the output. */
  readonly notices: readonly string[];
  readonly plan: (stack: string) => Plan;
}

/** Reads a synth's output; the notices are not in its files. */
export function readSynthesized(outdir: string, notices: readonly string[]): Synthesized {
  return { outdir, notices, plan: (stack) => Plan.read(join(outdir, "stacks", stack, "cdk.tf.json")) };
}

/** Changes from `before` to `after`, by address and path, for reviewers. */
export function differences(before: Plan, after: Plan): Record<string, unknown> {
  const changes: Record<string, unknown> = {};
  const addresses = new Set([...before.resources.keys(), ...after.resources.keys()]);
  for (const address of [...addresses].sort()) {
    const [was, is] = [before.resources.get(address), after.resources.get(address)];
    if (was === undefined) changes[address] = "only here";
    else if (is === undefined) changes[address] = "not here";
    else compare(address, was, is, changes);
  }
  return changes;
}

function compare(path: string, was: unknown, is: unknown, changes: Record<string, unknown>): void {
  const both = [was, is];
  if (both.every((value) => typeof value === "object" && value !== null)) {
    const [left, right] = both as [Record<string, unknown>, Record<string, unknown>];
    for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
      compare(`${path}.${key}`, left[key], right[key], changes);
    }
  } else if (was !== is) {
    changes[path] = is ?? "not set";
  }
}

/** A stack with its environment's name, project and cost center replaced, to compare it with another environment's. */
export function anonymous(plan: Plan, environment: Environment): Plan {
  const { name, projectId } = environment;
  const text = JSON.stringify(plan.json)
    .replaceAll(projectId, "PROJECT")
    .replaceAll(`sales-${name}`, "sales-ENV")
    .replaceAll(`sales_${name}`, "sales_ENV")
    .replaceAll(`sales_analytics_${name}`, "sales_analytics_ENV")
    .replaceAll(`(${name})`, "(ENV)")
    .replaceAll(`"environment":"${name}"`, '"environment":"ENV"')
    .replaceAll(environment.costCenter, "COST-CENTER");
  return Plan.of(JSON.parse(text) as Record<string, unknown>);
}

import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { App } from "cdktf";
import { ArtifactFiles } from "../../constructs/lake/artifact-files";
import { noticesOf } from "../../constructs/guardrails/notices";
import { ci } from "../../environments/ci";
import { Environment } from "../../environments/environment";
import { BootstrapStack } from "../../stacks/bootstrap-stack";
import { SalesPlatformStack } from "../../stacks/sales-platform-stack";

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

  /** Resources by their address, `<type>.<logical id>`; CDKTF's own notes about them left out. */
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

  /** The one resource of a type whose `name` is so, or ends so. */
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

const SHIPPED = {
  dags: ["dags/.airflowignore", "dags/sales_etl_dag.py", "dags/sales_platform/settings.py"],
  modules: [
    "pyspark-jobs/sales_analytics_direct.py",
    "pyspark-jobs/database_utils.py",
    "pyspark-jobs/sales_job/tables/schemas/daily_sales_summary.json",
  ],
  samples: ["sample_data/sales_data/sales_data.csv"],
  jars: ["jars/postgresql-42.7.14.jar"],
};

/** One small file of each kind: plans of tests do not change with the job's modules. */
export function fewFiles(): ArtifactFiles {
  const root = mkdtempSync(join(tmpdir(), "artifacts-"));
  const dependencies = "dist/pyspark-dependencies.zip";
  for (const file of [...Object.values(SHIPPED).flat(), dependencies]) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), `content of ${file}`);
  }
  return { root, ...SHIPPED, dependencies };
}

export interface Synthesized {
  readonly outdir: string;
  readonly notices: readonly string[];
  readonly plan: (stack: string) => Plan;
}

/** Synthesizes environments, and bootstrap for them, into a new folder or again into another's. */
export function synthesize(
  environments: readonly Environment[],
  files = fewFiles(),
  outdir = mkdtempSync(join(tmpdir(), "synth-")),
): Synthesized {
  const app = new App({ outdir });
  for (const environment of environments) new SalesPlatformStack(app, environment.name, environment, files);
  new BootstrapStack(app, "bootstrap", { environments, ci });
  app.synth();
  return {
    outdir,
    notices: noticesOf(app),
    plan: (stack) => Plan.read(join(outdir, "stacks", stack, "cdk.tf.json")),
  };
}

/** What changes from `before` to `after`, by address and path: for a reviewer, not for a machine. */
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

/** A stack without what its own name brings: addresses, names and project of another environment read the same. */
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

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CATALOG_FOLDER } from "../warehouse/table-catalog";
import { Measure, readMeasures } from "../warehouse/views";

/** A check: of a publication with its severity, or of the DAG's quality gate. */
export interface DeclaredCheck {
  readonly rule: string;
  readonly severity?: string;
  /** Tables and views that it is about. */
  readonly tables: readonly string[];
}

type Checks = Readonly<Record<string, DeclaredCheck>>;

/** What the catalog declares beside tables and views. */
export interface Words {
  readonly measures: Readonly<Record<string, Measure>>;
  /** Words of the glossary that readers of the tables need, with their meanings. */
  readonly terms: Readonly<Record<string, string>>;
  readonly checks: { readonly publication: Checks; readonly quality_gate: Checks };
}

/** Reads measures, terms and checks below `root`. */
export function readWords(root: string): Words {
  const read = (file: string): unknown => JSON.parse(readFileSync(join(root, CATALOG_FOLDER, file), "utf8"));
  return {
    measures: readMeasures(root),
    terms: read("terms.json") as Words["terms"],
    checks: read("checks.json") as Words["checks"],
  };
}

/** Names of the checks about a table or view. */
export function checksOf({ checks }: Words, name: string): string[] {
  return Object.entries({ ...checks.publication, ...checks.quality_gate })
    .filter(([, { tables }]) => tables.includes(name))
    .map(([check]) => check);
}

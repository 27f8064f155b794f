import { readFileSync } from "node:fs";
import { join } from "node:path";
import { RowRule, Table } from "../../../constructs/warehouse/table";
import { CATALOG_FOLDER, readTables } from "../../../constructs/warehouse/table-catalog";
import { readViews, View } from "../../../constructs/warehouse/views";

/** A check: of a publication with its severity, or of the quality gate. */
export interface DeclaredCheck {
  readonly rule: string;
  readonly severity?: string;
  /** Tables and views that it is about. */
  readonly tables: readonly string[];
}

/** What the catalog's page shows of a table or view. */
export interface Entry {
  readonly name: string;
  readonly kind: "published" | "view" | "state";
  readonly description: string;
  readonly owner: string;
  readonly audience: string;
  readonly layout: string;
  readonly key: readonly string[];
  readonly sources: readonly string[];
  readonly readers: readonly string[];
  readonly columns: readonly EntryColumn[];
  readonly checks: readonly (DeclaredCheck & { readonly name: string })[];
  readonly rules: readonly RowRule[];
  readonly sample?: string;
}

export interface EntryColumn {
  readonly name: string;
  readonly type: string;
  readonly description: string;
  /** Of a table; a view's columns have no mode. */
  readonly nullable: boolean;
  readonly personal?: string;
  readonly measure?: string;
  readonly from?: string;
}

const declared = (root: string, file: string): unknown =>
  JSON.parse(readFileSync(join(root, CATALOG_FOLDER, file), "utf8"));

/** Checks by their names. */
type Checks = Readonly<Record<string, DeclaredCheck>>;

/** The checks of the catalog: those of a publication, and those of the DAG's quality gate. */
export function readChecks(root: string): { readonly publication: Checks; readonly quality_gate: Checks } {
  return declared(root, "checks.json") as ReturnType<typeof readChecks>;
}

/** Words of the glossary that readers of the tables need, with their meanings. */
export const readTerms = (root: string): Readonly<Record<string, string>> =>
  declared(root, "terms.json") as Record<string, string>;

function layoutOf(one: Table): string {
  const code = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(", ");
  const { partitionBy } = one;
  return [
    partitionBy === undefined ? "" : `partitioned by day of \`${partitionBy}\``,
    one.filterRequired ? "queries must filter on it" : "",
    one.expires ? "old partitions expire" : "",
    one.clusterBy.length > 0 ? `clustered by ${code(one.clusterBy)}` : "",
  ]
    .filter((fact) => fact !== "")
    .join(", ");
}

function ofTable(one: Table): Omit<Entry, "readers" | "checks"> {
  return {
    name: one.name,
    kind: one.kind === "state" ? "state" : "published",
    description: one.description,
    owner: one.owner ?? "",
    audience: one.audience ?? "the job alone",
    layout: layoutOf(one),
    key: one.key,
    sources: one.sources,
    columns: one.columns.map((column) => ({ ...column, nullable: column.mode === "NULLABLE" })),
    rules: one.rules,
    sample: one.sample,
  };
}

function ofView(view: View): Omit<Entry, "readers" | "checks"> {
  const { name, description, owner, sources, sample, partitionBy } = view;
  const stored = partitionBy === undefined ? "" : `stored, partitioned by day of \`${partitionBy}\``;
  const columns = view.columns.map((column) => ({ ...column, nullable: false }));
  return {
    ...{ name, kind: "view", description, owner, audience: "business", layout: stored, key: [], sources },
    ...{ columns, rules: [], sample },
  };
}

/** Every published table, view and state table, with who reads it and what checks it. */
export function readEntries(root: string): Entry[] {
  const found = [
    ...readTables(root, "published").map(ofTable),
    ...readViews(root).map(ofView),
    ...readTables(root, "state").map(ofTable),
  ];
  const { publication, quality_gate: gate } = readChecks(root);
  const checks = Object.entries({ ...publication, ...gate }).map(([name, check]) => ({ ...check, name }));
  return found.map((one) => ({
    ...one,
    readers: found.filter(({ sources }) => sources.includes(one.name)).map(({ name }) => name),
    checks: checks.filter(({ tables }) => tables.includes(one.name)),
  }));
}

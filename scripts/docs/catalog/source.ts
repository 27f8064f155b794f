import { DeclaredCheck, readWords } from "../../../constructs/catalog/words";
import { RowRule, Table } from "../../../constructs/warehouse/table";
import { readTables } from "../../../constructs/warehouse/table-catalog";
import { readViews, View } from "../../../constructs/warehouse/views";
import { readMadeOf } from "./made-of";

/** What the catalog's page shows of a table or view. */
export interface Entry {
  readonly name: string;
  readonly kind: "published" | "view" | "state" | "streamed";
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
  /** What its values are made of, as `SOURCE.COLUMN`; empty where no step is known. */
  readonly madeOf?: readonly string[];
}

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
    kind: one.kind === "staged" ? "published" : one.kind,
    description: one.description,
    owner: one.owner ?? "",
    audience: one.audience ?? (one.kind === "streamed" ? "nobody" : "the job alone"),
    layout: layoutOf(one),
    key: one.key,
    sources: one.sources,
    columns: one.columns.map((column) => ({ ...column, nullable: column.mode === "NULLABLE" })),
    rules: one.rules,
    sample: one.sample,
  };
}

function ofView(view: View, messages: readonly string[]): Omit<Entry, "readers" | "checks"> {
  const { name, description, owner, sources, sample, partitionBy } = view;
  const stored = partitionBy === undefined ? "" : `stored, partitioned by day of \`${partitionBy}\``;
  const columns = view.columns.map((column) => ({ ...column, nullable: false }));
  return {
    // One of messages alone is beside them, where no reader has rights.
    ...{ audience: sources.every((source) => messages.includes(source)) ? "nobody" : "business" },
    ...{ name, kind: "view", description, owner, layout: stored, key: [], sources },
    ...{ columns, rules: [], sample },
  };
}

/** Every published table, view and state table, with who reads it and what checks it. */
export function readEntries(root: string): Entry[] {
  const streamed = readTables(root, "streamed");
  const found = [
    ...readTables(root, "published").map(ofTable),
    ...readViews(root).map((view) =>
      ofView(
        view,
        streamed.map(({ name }) => name),
      ),
    ),
    ...readTables(root, "state").map(ofTable),
    ...streamed.map(ofTable),
  ];
  const { publication, quality_gate: gate } = readWords(root).checks;
  const checks = Object.entries({ ...publication, ...gate }).map(([name, check]) => ({ ...check, name }));
  const madeOf = readMadeOf(root);
  return found.map((one) => ({
    ...one,
    columns: one.columns.map((column) => ({ ...column, madeOf: madeOf(one.name, column.name) })),
    readers: found.filter(({ sources }) => sources.includes(one.name)).map(({ name }) => name),
    checks: checks.filter(({ tables }) => tables.includes(one.name)),
  }));
}

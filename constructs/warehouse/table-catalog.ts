import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Folder of the catalog, from the repository's root; it holds a folder for each kind of table. */
export const CATALOG_FOLDER = "pyspark-jobs/sales_job/tables";

/** Folder of the reference columns, from the root too; it holds a file for each reference file. */
export const REFERENCE_FOLDER = "pyspark-jobs/sales_job/reference/columns";

/** For readers, kept by the job for itself, and brought by a run before it publishes. */
export type TableKind = "published" | "state" | "staged";

/** Legacy type names: BigQuery's API answers with these, and other names would differ in every plan (pg#6755). */
const TYPES = ["STRING", "INTEGER", "FLOAT", "NUMERIC", "BOOLEAN", "DATE", "TIMESTAMP"] as const;
const MODES = ["NULLABLE", "REQUIRED", "REPEATED"] as const;
const AUDIENCES = ["business", "operations"] as const;
/** Whose personal data a column has: each class is masked and granted by itself. */
export const PERSONAL_CLASSES = {
  customer: "Ids of customers as they came",
  employee: "Names, e-mail addresses and telephone numbers of employees",
} as const;
export type PersonalClass = keyof typeof PERSONAL_CLASSES;
/** BigQuery accepts no more clustering columns. */
const MAX_CLUSTER_COLUMNS = 4;

export interface Column {
  readonly name: string;
  readonly type: (typeof TYPES)[number];
  /** Always written: BigQuery answers NULLABLE for an omitted mode, which would differ in every plan (pg#7979). */
  readonly mode: (typeof MODES)[number];
  readonly description: string;
  /** Class of the column's personal data. */
  readonly personal?: PersonalClass;
  /** Reference column that this column shows, as `stores.store_name`. */
  readonly from?: string;
  /** Value, in SQL, of rows that are older than the column. */
  readonly fill?: string;
}

/** One table as its catalog file declares it. */
export interface Table {
  readonly name: string;
  readonly kind: TableKind;
  readonly description: string;
  /** Published tables only: BI readers see `business` tables. */
  readonly audience?: (typeof AUDIENCES)[number];
  /** Columns that identify a row; empty where rows repeat. */
  readonly key: readonly string[];
  /** Column of the daily partitions. */
  readonly partitionBy?: string;
  /** Refuse queries without a filter on {@link partitionBy}. */
  readonly filterRequired: boolean;
  /** Partitions expire after the environment's `quarantineDays`. */
  readonly expires: boolean;
  readonly clusterBy: readonly string[];
  readonly columns: readonly Column[];
}

/** A reference file, such as `stores.csv`, with its columns. */
export interface ReferenceFile {
  readonly name: string;
  readonly description: string;
  readonly key: string;
  readonly columns: readonly {
    readonly name: string;
    readonly type: Column["type"];
    readonly required: boolean;
    readonly description: string;
    readonly shown?: boolean;
    readonly personal?: PersonalClass;
  }[];
}

const TABLE_FIELDS = [
  "description",
  "audience",
  "key",
  "partition_by",
  "filter_required",
  "expires",
  "cluster_by",
  "columns",
  "reference",
  "replaces",
];
const FIELDS_OF_REFERENCE = ["description", "key", "columns"];
const COLUMN_FIELDS = ["name", "type", "mode", "description", "personal", "from", "fill"];

/** Reads the reference files below `root`, in the order of their names. */
export function readReferenceFiles(root: string): ReferenceFile[] {
  return readdirSync(join(root, REFERENCE_FOLDER))
    .filter((file) => file.endsWith(".json"))
    .sort()
    .map((file) => ({
      name: file.slice(0, -".json".length),
      ...(JSON.parse(readFileSync(join(root, REFERENCE_FOLDER, file), "utf8")) as Omit<
        ReferenceFile,
        "name"
      >),
    }));
}

/** A table of all columns of a reference file, as its declaration: only the key is always there. */
function fieldsOfReference(file: ReferenceFile): Readonly<Record<string, unknown>> {
  return {
    description: file.description,
    key: [file.key],
    columns: file.columns.map(({ name, type, description, personal }) => ({
      name,
      type,
      mode: name === file.key ? "REQUIRED" : "NULLABLE",
      description,
      ...(personal !== undefined && { personal }),
    })),
  };
}

/**
 * Reads the tables of one kind from the catalog below `root`, in the order of their names.
 *
 * @throws one line that names file, column and remedy where a file is malformed
 */
export function readTables(root: string, kind: TableKind): Table[] {
  const folder = join(CATALOG_FOLDER, kind);
  return readdirSync(join(root, folder))
    .filter((file) => file.endsWith(".json"))
    .sort()
    .map((file) => readTable(root, join(folder, file), kind, file.slice(0, -".json".length)));
}

function readTable(root: string, file: string, kind: TableKind, name: string): Table {
  const problem = (message: string): Error => new Error(`${file}: ${message}`);
  let json: Readonly<Record<string, unknown>>;
  try {
    json = JSON.parse(readFileSync(join(root, file), "utf8")) as typeof json;
  } catch (error) {
    throw problem(`not valid JSON: ${(error as Error).message}`);
  }
  const unknown = Object.keys(json).find((field) => !TABLE_FIELDS.includes(field));
  if (unknown !== undefined)
    throw problem(`unknown field '${unknown}', use one of ${TABLE_FIELDS.join(", ")}`);
  if (json.reference !== undefined) {
    const own = FIELDS_OF_REFERENCE.find((field) => field in json);
    if (own !== undefined) throw problem(`has ${own} and reference, leave ${own} out`);
    const files = readReferenceFiles(root);
    const reference = files.find((one) => one.name === json.reference);
    if (reference === undefined) {
      const names = files.map((one) => one.name).join(", ");
      throw problem(`reference is '${json.reference as string}', use one of ${names}`);
    }
    json = { ...json, ...fieldsOfReference(reference) };
  }
  if (typeof json.description !== "string") throw problem("description is missing, write one sentence");
  if (kind === "published" && !AUDIENCES.includes(json.audience as never)) {
    throw problem(`audience is '${String(json.audience)}', use one of ${AUDIENCES.join(", ")}`);
  }
  if (!Array.isArray(json.columns) || json.columns.length === 0)
    throw problem("columns are missing, list at least one");

  const columns = json.columns as Column[];
  for (const column of columns) {
    const fault = columnFault(column);
    if (fault !== undefined) throw problem(`column ${(column as Partial<Column>).name ?? "?"} ${fault}`);
  }
  const names = columns.map((column) => column.name);
  const repeated = names.find((one, index) => names.indexOf(one) !== index);
  if (repeated !== undefined) throw problem(`column ${repeated} is listed twice, remove one`);

  const table: Table = {
    name,
    kind,
    description: json.description,
    audience: json.audience as Table["audience"],
    key: (json.key ?? []) as string[],
    partitionBy: json.partition_by as string | undefined,
    filterRequired: json.filter_required === true,
    expires: json.expires === true,
    clusterBy: (json.cluster_by ?? []) as string[],
    columns,
  };
  const layout = layoutFault(table);
  if (layout !== undefined) throw problem(layout);
  return table;
}

function columnFault(column: Partial<Column>): string | undefined {
  const unknown = Object.keys(column).find((field) => !COLUMN_FIELDS.includes(field));
  if (unknown !== undefined)
    return `has an unknown field '${unknown}', use one of ${COLUMN_FIELDS.join(", ")}`;
  if (typeof column.name !== "string" || !/^[a-z0-9_]+$/.test(column.name))
    return "has no valid name, write lower-case letters, digits and underscores";
  if (column.mode === undefined) return "has no mode, write NULLABLE";
  if (!MODES.includes(column.mode))
    return `has mode '${column.mode as string}', use one of ${MODES.join(", ")}`;
  if (!TYPES.includes(column.type as never))
    return `has type '${column.type ?? ""}', use one of ${TYPES.join(", ")}`;
  if (typeof column.description !== "string") return "has no description, write one sentence";
  const classes = Object.keys(PERSONAL_CLASSES);
  if (column.personal !== undefined && !classes.includes(column.personal))
    return `has personal '${column.personal}', use one of ${classes.join(", ")}`;
  return undefined;
}

function layoutFault(table: Table): string | undefined {
  const type = (name: string): string | undefined => table.columns.find((one) => one.name === name)?.type;
  const named = {
    key: table.key,
    cluster_by: table.clusterBy,
    partition_by: [table.partitionBy ?? []].flat(),
  };
  for (const [field, names] of Object.entries(named)) {
    const unknown = names.find((name) => type(name) === undefined);
    if (unknown !== undefined) return `${field} names '${unknown}', which is not a column`;
  }
  if (table.partitionBy === undefined) {
    return table.filterRequired || table.expires
      ? "filter_required and expires need partition_by, name a DATE or TIMESTAMP column"
      : undefined;
  }
  if (!["DATE", "TIMESTAMP"].includes(type(table.partitionBy) ?? ""))
    return `partition_by names '${table.partitionBy}', which is not a DATE or TIMESTAMP column`;
  if (table.clusterBy.length > MAX_CLUSTER_COLUMNS)
    return `cluster_by lists ${table.clusterBy.length} columns, list at most ${MAX_CLUSTER_COLUMNS}`;
  return undefined;
}

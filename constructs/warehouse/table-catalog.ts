import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { AUDIENCES, Column, PersonalClass, RowRule, Table, TableKind } from "./table";
import { columnFault, layoutFault, ownerFault, sampleFault } from "./table-faults";

/** Folder of the catalog, from the repository's root; it holds a folder for each kind of table. */
export const CATALOG_FOLDER = "pyspark-jobs/sales_job/tables";

/** Folder of the reference columns, from the root too; it holds a file for each reference file. */
export const REFERENCE_FOLDER = "pyspark-jobs/sales_job/reference/columns";

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
  "owner",
  "audience",
  "key",
  "partition_by",
  "filter_required",
  "expires",
  "cluster_by",
  "sources",
  "sample",
  "rules",
  "columns",
  "reference",
  "replaces",
];
const FIELDS_OF_REFERENCE = ["description", "key", "columns"];

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
  const fault =
    kind === "staged"
      ? undefined
      : (ownerFault(json) ?? (kind === "published" ? sampleFault(json) : undefined));
  if (fault !== undefined) throw problem(fault);
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
    owner: json.owner as Table["owner"],
    sources: (json.sources ?? []) as string[],
    sample: (json.sample as string[] | undefined)?.join("\n"),
    rules: (json.rules ?? []) as RowRule[],
    columns,
  };
  const layout = layoutFault(table);
  if (layout !== undefined) throw problem(layout);
  return table;
}

import { Column, MAX_CLUSTER_COLUMNS, MODES, OWNERS, PERSONAL_CLASSES, Table, TYPES } from "./table";

const COLUMN_FIELDS = [
  "name",
  "type",
  "mode",
  "description",
  "personal",
  "from",
  "fill",
  "minimum",
  "values",
];

/** What is wrong with the owner of a declared table or view. */
export function ownerFault({ owner }: Readonly<Record<string, unknown>>): string | undefined {
  const owners = Object.keys(OWNERS);
  return owners.includes(owner as string)
    ? undefined
    : `owner is '${String(owner)}', use one of ${owners.join(", ")}`;
}

/** What is wrong with the sample query of a declared table or view. */
export function sampleFault({ sample }: Readonly<Record<string, unknown>>): string | undefined {
  return Array.isArray(sample) && sample.length > 0
    ? undefined
    : "sample is missing, write the lines of a query that shows how to read it";
}

/** What is wrong with a declared column. */
export function columnFault(column: Partial<Column>): string | undefined {
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

/** What is wrong with the layout of a table. */
export function layoutFault(table: Table): string | undefined {
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

import { AUDIENCES, OWNERS, Table } from "../warehouse/table";
import { View } from "../warehouse/views";

/** A field of an aspect type: https://cloud.google.com/dataplex/docs/enrich-entries-metadata */
interface Field {
  readonly name: string;
  readonly type: "string" | "enum" | "array";
  readonly description: string;
  readonly required?: boolean;
  readonly values?: readonly string[];
}

const FIELDS: readonly Field[] = [
  {
    name: "owner",
    type: "enum",
    description: "Team that answers for it",
    required: true,
    values: Object.keys(OWNERS),
  },
  { name: "audience", type: "enum", description: "Who reads it", required: true, values: AUDIENCES },
  { name: "key", type: "array", description: "Columns that identify a row" },
  { name: "partitionedBy", type: "string", description: "Column of the daily partitions" },
  { name: "clusteredBy", type: "array", description: "Clustering columns" },
  { name: "madeFrom", type: "array", description: "Tables, views and files that it is computed from" },
  { name: "personalData", type: "array", description: "Classes of personal data among its columns" },
  { name: "checks", type: "array", description: "Quality checks about it" },
  { name: "sample", type: "string", description: "Query that shows how to read it" },
];

/** Template of the aspect that holds what the catalog knows of a table or view beside its schema, as JSON. */
export function aspectTemplate(): string {
  return JSON.stringify({
    name: "table",
    type: "record",
    recordFields: FIELDS.map(({ name, type, description, required, values }, index) => ({
      name,
      type,
      index: index + 1,
      annotations: { description },
      ...(required === true && { constraints: { required } }),
      ...(values !== undefined && {
        enumValues: values.map((value, at) => ({ name: value, index: at + 1 })),
      }),
      ...(type === "array" && { arrayItems: { name: "item", type: "string" } }),
    })),
  });
}

/** What the aspect says of a table or view, as JSON; a field without a value is left out. */
export function aspectOf(item: Table | View, checks: readonly string[]): string {
  const table = "key" in item ? item : undefined;
  const classes = new Set(table?.columns.flatMap(({ personal }) => personal ?? []));
  const values: Readonly<Record<string, string | readonly string[] | undefined>> = {
    owner: item.owner,
    audience: table?.audience ?? "business",
    key: table?.key,
    partitionedBy: item.partitionBy,
    clusteredBy: table?.clusterBy,
    madeFrom: item.sources,
    personalData: [...classes],
    checks,
    sample: item.sample,
  };
  return JSON.stringify(
    Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value.length > 0)),
  );
}

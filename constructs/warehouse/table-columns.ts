import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The one source of the tables' columns, which the job reads too. */
const SCHEMAS = join(__dirname, "../../pyspark-jobs/sales_job/tables/schemas");

export interface Column {
  readonly name: string;
  /** Legacy type names (INTEGER, FLOAT): the API answers with these, others would differ in every plan (pg#6755). */
  readonly type: string;
  /** Always written: an omitted mode comes back as NULLABLE and differs (pg#7979). */
  readonly mode: "NULLABLE" | "REQUIRED" | "REPEATED";
  readonly description: string;
}

const TYPES = ["STRING", "INTEGER", "FLOAT", "NUMERIC", "BOOLEAN", "DATE", "TIMESTAMP"];

/** Columns of `table`; throws a line naming file and column where one is not in the canonical form. */
export function columnsOf(table: string, directory = SCHEMAS): Column[] {
  const file = join(directory, `${table}.json`);
  const columns = JSON.parse(readFileSync(file, "utf8")) as Partial<Column>[];
  for (const column of columns) {
    const name = column.name ?? "?";
    if (column.mode === undefined)
      throw new Error(`${table}.json: column ${name} has no mode, write NULLABLE`);
    if (!TYPES.includes(column.type ?? "")) {
      throw new Error(
        `${table}.json: column ${name} has type '${column.type ?? ""}', use one of ${TYPES.join(", ")}`,
      );
    }
  }
  return columns as Column[];
}

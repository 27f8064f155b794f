import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Written by `npm run docs` too, from the SQL: the ways in which each column depends on others. */
const FILE = "pyspark-jobs/sales_job/lineage/columns.json";

/** Ways in which a value is made of another; all others only decide about it (docs/platform/lineage.md). */
const DIRECT = ["IDENTITY", "TRANSFORMATION", "AGGREGATION", "MASKED"];

/** The job's own step between files and tables. */
const LINES = "lines.";

type Steps = Readonly<
  Record<string, { readonly columns: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> }>
>;

/** Reads what the columns of tables and views are made of: a function from both names to `SOURCE.COLUMN`. */
export function readMadeOf(root: string): (table: string, column: string) => readonly string[] {
  const steps = JSON.parse(readFileSync(join(root, FILE), "utf8")) as Steps;
  const direct = (table: string, column: string): string[] =>
    Object.entries(steps[table]?.columns[column] ?? {})
      .filter(([, ways]) => ways.some((way) => DIRECT.includes(way)))
      .flatMap(([source]) =>
        source.startsWith(LINES) ? direct("lines", source.slice(LINES.length)) : [source],
      );
  return (table, column) => [...new Set(direct(table, column))].sort();
}

import { Table } from "../../constructs/warehouse/table";
import {
  REFERENCE_FOLDER,
  ReferenceFile,
  readReferenceFiles,
  readTables,
} from "../../constructs/warehouse/table-catalog";
import { readMeasures, readViews, View } from "../../constructs/warehouse/views";
import { table } from "./markdown";

const yes = (value: boolean | undefined): string => (value ? "yes" : "");
/** A text in a cell of a table. */
const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("*", "\\*");

function layout(one: Table): string {
  const facts = [
    `Key: ${one.key.map((name) => `\`${name}\``).join(", ") || "none"}.`,
    one.partitionBy === undefined
      ? ""
      : `Partitioned by day of \`${one.partitionBy}\`${one.expires ? ", expires" : ""}.`,
    one.filterRequired ? `Queries must filter on \`${one.partitionBy ?? ""}\`.` : "",
    one.clusterBy.length === 0
      ? ""
      : `Clustered by ${one.clusterBy.map((name) => `\`${name}\``).join(", ")}.`,
    one.audience === undefined ? "" : `Audience: ${one.audience}.`,
  ];
  return facts.filter((fact) => fact !== "").join(" ");
}

function section(one: Table): string {
  const columns = one.columns.map((column) => [
    `\`${column.name}\``,
    column.type,
    yes(column.mode === "NULLABLE"),
    column.personal ?? "",
    cell(column.description + (column.from === undefined ? "" : ` (from \`${column.from}\`)`)),
  ]);
  return `### ${one.name}

${one.description}. ${layout(one)}

${table([["column", "type", "may be NULL", "personal data", "meaning"], ...columns])}`;
}

function viewSection(view: View): string {
  const stored = view.partitionBy === undefined ? "" : " Stored by BigQuery, partitioned by day.";
  const columns = view.columns.map((column) => [`\`${column.name}\``, column.type, cell(column.description)]);
  return `### ${view.name}

${view.description}. Reads ${view.sources.map((name) => `\`${name}\``).join(", ")}.${stored}

${table([["column", "type", "meaning"], ...columns])}`;
}

function referenceSection({ name, description, key, columns }: ReferenceFile): string {
  const rows = columns.map((column) => [
    `\`${column.name}\``,
    column.type,
    yes(column.required),
    yes(column.shown),
    column.personal ?? "",
    cell(column.description),
  ]);
  return `### ${name}.csv

${description}. Key: \`${key}\`.

${table([["column", "type", "required", "shown in tables", "personal data", "meaning"], ...rows])}`;
}

/**
 * Every table, view and reference file with its columns, as Markdown.
 * @param root - top folder of the checkout
 */
export function dataDictionary(root: string): string {
  const [published, state] = [readTables(root, "published"), readTables(root, "state")];
  const streamed = readTables(root, "streamed");
  const measures = Object.entries(readMeasures(root)).map(([name, { description, sql }]) => [
    `\`${name}\``,
    cell(description),
    `\`${sql}\``,
  ]);
  return `# Data dictionary

\`npm run docs\` writes this page from the catalog: \`pyspark-jobs/sales_job/tables/\` and \`${REFERENCE_FOLDER}/\`. BigQuery and the local
warehouse have the same tables and columns. Business readers see tables with the audience business, and the views.

## Published tables

${published.map(section).join("\n\n")}

## Views

Written once, in BigQuery's SQL (\`pyspark-jobs/sales_job/tables/views/\`); the local warehouse translates it.

${readViews(root).map(viewSection).join("\n\n")}

## Measures

Figures that several views show, each declared once in \`pyspark-jobs/sales_job/tables/measures.json\`. The names in the formulas are columns
of the view, or of its inner query.

${table([["measure", "meaning", "formula"], ...measures])}

## State tables

The job keeps them for itself, so that the run of a day costs what that day costs. Nobody else should read them.

${state.map(section).join("\n\n")}

## Messages

Pub/Sub fills them while a day is open ([streaming](platform/streaming.md)); old ones expire. Nobody reads them but the views over them:
\`sales_today\` for everybody who may read it, \`streamed_quarantine\` for operators.

${streamed.map(section).join("\n\n")}

## Reference files

A file without a required column is refused. Other columns may be missing: their values are NULL, and one warning names them.

${readReferenceFiles(root).map(referenceSection).join("\n\n")}
`;
}

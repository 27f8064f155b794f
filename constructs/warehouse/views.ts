import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Column, Owner } from "./table";
import { CATALOG_FOLDER } from "./table-catalog";
import { ownerFault, sampleFault } from "./table-faults";

/** Folder of the views, from the repository's root: two files a view, `NAME.json` and `NAME.sql`. */
const VIEWS_FOLDER = join(CATALOG_FOLDER, "views");

/** File of the measures, such as the profit margin, from the repository's root. */
const MEASURES_FILE = join(CATALOG_FOLDER, "measures.json");

/** File of the rules of a sales line, from the root too: patterns, bounds, and words of the reasons. */
const RULES_FILE = "pyspark-jobs/sales_job/base/sales_rules.json";

/**
 * Days, counted back from today, that may be open for messages, which environments keep as long: a view reads no older
 * lines. A constant expression, which BigQuery needs to leave partitions out: https://cloud.google.com/bigquery/docs/querying-partitioned-tables
 */
const OPEN_DAYS = 7;

const FIELDS = ["description", "owner", "sample", "materialized", "columns"];
const PART = /\$\{(measures|rules|fragments)\.(\w+)\}/g;
const SOURCE = /\$\{(\w+)\}/g;

/** A view: one query in BigQuery's SQL, which the local warehouse translates. */
export interface View {
  readonly name: string;
  readonly description: string;
  readonly owner: Owner;
  /** A query in BigQuery's SQL that shows how to read it. */
  readonly sample: string;
  readonly columns: readonly (Pick<Column, "name" | "type" | "description"> & {
    /** Name of the measure that it shows. */
    readonly measure?: string;
  })[];
  /** Column of the daily partitions, where BigQuery stores the result and keeps it up to date. */
  readonly partitionBy?: string;
  /**
   * The query, measures written out; each table or view that it reads is written as `${NAME}`. A query over the daily
   * table names every plausible day: the table requires a partition filter from views too (pg#21691).
   */
  readonly sql: string;
  /** Names of the tables and views that it reads. */
  readonly sources: readonly string[];
}

/** A figure that several views show, computed from columns of one name: revenue, quantity, transactions and so on. */
export interface Measure {
  readonly description: string;
  /** In BigQuery's dialect. */
  readonly sql: string;
}

/** Whether a view reads messages alone, so that it is beside them, where no reader has rights. */
export function isOfMessages(view: View, streamed: readonly { readonly name: string }[]): boolean {
  return view.sources.every((source) => streamed.some(({ name }) => name === source));
}

/** Reads the measures below `root`, by name. */
export function readMeasures(root: string): Readonly<Record<string, Measure>> {
  return JSON.parse(readFileSync(join(root, MEASURES_FILE), "utf8")) as Record<string, Measure>;
}

/**
 * Reads every view below `root`, each behind the views that it reads.
 *
 * @throws one line that names the file and the remedy where a view is malformed
 */
export function readViews(root: string): View[] {
  const names = readdirSync(join(root, VIEWS_FOLDER))
    .filter((file) => file.endsWith(".json"))
    .map((file) => file.slice(0, -".json".length))
    .sort();
  const shared = { measures: readMeasures(root), rules: readRules(root) };
  const views = new Map(names.map((name) => [name, readView(root, name, shared)]));
  const ordered: View[] = [];
  const add = (view: View, above: readonly string[]): void => {
    if (above.includes(view.name)) throw new Error(`${view.name}: the view reads itself, remove one source`);
    for (const source of view.sources) {
      const read = views.get(source);
      if (read) add(read, [...above, view.name]);
    }
    if (!ordered.includes(view)) ordered.push(view);
  };
  for (const view of views.values()) add(view, []);
  return ordered;
}

/** Reads the rules of a sales line below `root`, with those that are made of others. */
function readRules(root: string): Readonly<Record<string, string>> {
  if (!existsSync(join(root, RULES_FILE))) return {};
  const rules = JSON.parse(readFileSync(join(root, RULES_FILE), "utf8")) as Record<string, string>;
  return {
    ...rules,
    // What is left of a text without blanks at its ends.
    trimmed: `(?s)[^${rules.blanks}](?:.*[^${rules.blanks}])?`,
    first_open_day: `DATE_SUB(CURRENT_DATE(), INTERVAL ${OPEN_DAYS} DAY)`,
  };
}

interface Shared {
  readonly measures: Readonly<Record<string, Measure>>;
  readonly rules: Readonly<Record<string, string>>;
}

function readView(root: string, name: string, { measures, rules }: Shared): View {
  const file = join(VIEWS_FOLDER, `${name}.json`);
  const declared = JSON.parse(readFileSync(join(root, file), "utf8")) as {
    readonly description: string;
    readonly owner: Owner;
    readonly sample: readonly string[];
    readonly materialized?: { readonly partition_by: string };
    readonly columns: readonly View["columns"][number][];
  };
  const unknown = Object.keys(declared).find((field) => !FIELDS.includes(field));
  if (unknown !== undefined)
    throw new Error(`${file}: unknown field '${unknown}', use one of ${FIELDS.join(", ")}`);
  const fault = ownerFault(declared) ?? sampleFault(declared);
  if (fault !== undefined) throw new Error(`${file}: ${fault}`);
  const measured = (measure: string): Measure => {
    const found = measures[measure];
    if (found) return found;
    throw new Error(`${file}: no measure '${measure}', declare it in ${MEASURES_FILE}`);
  };
  const read = (path: string): string =>
    readFileSync(join(root, CATALOG_FOLDER, path), "utf8")
      .trim()
      .replaceAll(PART, (_, kind: string, part: string) => {
        if (kind === "measures") return measured(part).sql;
        if (kind === "fragments") return read(`fragments/${part}.sql`);
        const rule = rules[part];
        if (rule === undefined) throw new Error(`${file}: no rule '${part}', declare it in ${RULES_FILE}`);
        return rule;
      });
  const sql = read(`views/${name}.sql`);
  const sources = [...new Set([...sql.matchAll(SOURCE)].map((match) => match[1] ?? ""))];
  if (sources.length === 0) throw new Error(`${file}: the query reads no table, write each one as \${NAME}`);
  return {
    name,
    description: declared.description,
    owner: declared.owner,
    sample: declared.sample.join("\n"),
    columns: declared.columns.map(({ name, type, description, measure }) => ({
      name,
      type,
      description: measure === undefined ? description : measured(measure).description,
      ...(measure !== undefined && { measure }),
    })),
    partitionBy: declared.materialized?.partition_by,
    sql,
    sources,
  };
}

/**
 * The query of a view.
 * @param path - gives the path of a table or view, as `project.dataset.table`
 */
export function queryOf(view: View, path: (name: string) => string): string {
  return view.sql.replaceAll(SOURCE, (_, name: string) => path(name));
}

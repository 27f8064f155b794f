import { History, Run, TableUse } from "./history";

/** A value as `bq --format=json` or Python writes it. */
type Raw = Readonly<Record<string, string | number | null>>;

/** Rows of `etl_runs`, and of the query about tables where there is one. */
export interface RawHistory {
  readonly runs: readonly Raw[];
  readonly tables?: readonly Raw[];
  readonly tableDays?: number;
}

/** Times without a zone are UTC. */
function time(value: string | number | null | undefined): Date {
  const text = String(value).replace(" ", "T");
  return new Date(/(?:Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`);
}

/** The history of rows, whose numbers may be texts. */
export function historyOf({ runs, tables, tableDays }: RawHistory): History {
  const known = runs.map((row): Run => ({
    status: String(row.status) as Run["status"],
    startedAt: time(row.started_at),
    finishedAt: time(row.finished_at),
    ...(row.cost_usd != null && { usd: Number(row.cost_usd) }),
  }));
  if (tables === undefined || tableDays === undefined) return { runs: known };
  const uses = tables.map((row): TableUse => ({
    table: String(row.table_name),
    gib: Number(row.gib),
    queries: Number(row.queries),
    fullQueries: Number(row.full_queries),
    fullTib: Number(row.full_tib),
  }));
  return { runs: known, tables: uses, tableDays };
}

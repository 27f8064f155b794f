import { PRICES } from "../price-list";
import { Adviser } from "./advice";
import { perMonth } from "./history";

/** So many queries are a habit. */
const LEAST_QUERIES = 10;

/** Partitioned tables that queries read as a whole: a filter on days would spare most of it. */
export const partitionFilters: Adviser = ({ tables }, { tables: uses = [], tableDays = 0 }) =>
  uses.flatMap(({ table, queries, fullQueries, fullTib }) => {
    const known = tables.find(({ name }) => name === table);
    if (!known?.partitioned || known.filtered || fullQueries < LEAST_QUERIES || tableDays <= 0) return [];
    return [
      {
        change: `pyspark-jobs/sales_job/tables/published/${table}.json: "filter_required": true`,
        reason: `${String(fullQueries)} of ${String(queries)} queries in ${String(tableDays)} days read all its days; the sum is what these cost, of which a filter spares most`,
        usdPerMonth: perMonth(fullTib, tableDays) * PRICES["bigquery.query"].usd,
      },
    ];
  });

import { PRICES } from "../price-list";
import { Adviser } from "./advice";

/** A quarter: reports that are read four times a year count as used. */
const LEAST_DAYS = 90;

/** Tables that nobody has read for a quarter, beside the job itself. */
export const unusedTables: Adviser = ({ tables }, { tables: uses = [], tableDays = 0 }) =>
  tableDays < LEAST_DAYS
    ? []
    : uses
        .filter(
          ({ table, queries, gib }) => queries === 0 && gib > 0 && tables.some(({ name }) => name === table),
        )
        .map(({ table, gib }) => ({
          change: `remove the table ${table}, or let its partitions expire`,
          reason: `nobody has read it for ${String(tableDays)} days; it holds ${gib.toFixed(1)} GiB`,
          usdPerMonth: gib * PRICES["bigquery.logical.active"].usd,
        }));

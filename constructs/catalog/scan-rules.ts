import {
  first_day as FIRST_DAY,
  last_day as LAST_DAY,
} from "../../pyspark-jobs/sales_job/base/sales_rules.json";
import { Column, Table } from "../warehouse/table";

/**
 * The rows that a statement is about; the service puts the table in, with the scan's row filter. Terraform would take
 * it for a reference of its own without the second `$`.
 */
export const DATA = "$${data()}";

type Dimension = "COMPLETENESS" | "CONSISTENCY" | "UNIQUENESS" | "VALIDITY";

/** A rule of a quality scan; exactly one of the expectations is set. */
export interface ScanRule {
  readonly name: string;
  readonly dimension: Dimension;
  readonly description: string;
  readonly column?: string;
  readonly ignoreNull?: boolean;
  readonly nonNullExpectation?: Record<string, never>;
  readonly uniquenessExpectation?: Record<string, never>;
  readonly rangeExpectation?: { readonly minValue?: string; readonly maxValue?: string };
  readonly setExpectation?: { readonly values: string[] };
  readonly sqlAssertion?: { readonly sqlStatement: string };
}

/** Rule names take hyphens, no underscores. */
const named = (...parts: readonly string[]): string => parts.join("-").replaceAll("_", "-");

function keyRules({ key }: Table): ScanRule[] {
  const present = key.map((column): ScanRule => ({
    name: named("has", column),
    dimension: "COMPLETENESS",
    description: `every row has ${column}`,
    column,
    nonNullExpectation: {},
  }));
  const [first, ...others] = key;
  if (first === undefined) return present;
  const unique = {
    name: "keys-are-unique",
    dimension: "UNIQUENESS" as const,
    description: `one row for each ${key.join(", ")}`,
  };
  if (others.length === 0) return [...present, { ...unique, column: first, uniquenessExpectation: {} }];
  const sqlStatement = `SELECT 1 AS repeated FROM ${DATA} GROUP BY ${key.join(", ")} HAVING COUNT(*) > 1`;
  return [...present, { ...unique, sqlAssertion: { sqlStatement } }];
}

function columnRules({ name, type, mode, minimum, values }: Column, isDay: boolean): ScanRule[] {
  const common = {
    dimension: "VALIDITY" as const,
    column: name,
    ...(mode === "NULLABLE" && { ignoreNull: true }),
  };
  return [
    ...(isDay && type === "DATE"
      ? [
          {
            ...common,
            name: named("plausible", name),
            description: `${name} is a day that a line can have`,
            rangeExpectation: { minValue: FIRST_DAY, maxValue: LAST_DAY },
          },
        ]
      : []),
    ...(minimum === undefined
      ? []
      : [
          {
            ...common,
            name: named("least", name),
            description: `${name} is at least ${minimum}`,
            rangeExpectation: { minValue: String(minimum) },
          },
        ]),
    ...(values === undefined
      ? []
      : [
          {
            ...common,
            name: named("known", name),
            description: `${name} is one of ${values.join(", ")}`,
            setExpectation: { values: [...values] },
          },
        ]),
  ];
}

/** The rules of a table's quality scan, from the catalog: key, days, values, and conditions that the job checks too. */
export function scanRules(table: Table): ScanRule[] {
  return [
    ...keyRules(table),
    ...table.columns.flatMap((column) => columnRules(column, column.name === table.partitionBy)),
    ...table.rules.map(({ name, rule, violated }): ScanRule => ({
      name: named(name),
      dimension: "CONSISTENCY",
      description: rule,
      // A constant: columns with personal data are not read.
      sqlAssertion: { sqlStatement: `SELECT 1 AS broken FROM ${DATA} WHERE ${violated}` },
    })),
  ];
}

/** The rows of the last `days` days of a partitioned table; all of another. */
export function rowFilter({ partitionBy, columns }: Table, days: number): string | undefined {
  if (partitionBy === undefined) return undefined;
  const isDate = columns.find(({ name }) => name === partitionBy)?.type === "DATE";
  return isDate
    ? `${partitionBy} >= DATE_SUB(CURRENT_DATE(), INTERVAL ${days} DAY)`
    : `${partitionBy} >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL ${days} DAY)`;
}

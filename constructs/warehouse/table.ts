/** For readers, kept by the job for itself, brought by a run before it publishes, and messages. */
export type TableKind = "published" | "state" | "staged" | "streamed";

/** Legacy type names: BigQuery's API answers with these, and other names would differ in every plan (pg#6755). */
export const TYPES = ["STRING", "INTEGER", "FLOAT", "NUMERIC", "BOOLEAN", "DATE", "TIMESTAMP"] as const;
export const MODES = ["NULLABLE", "REQUIRED", "REPEATED"] as const;
export const AUDIENCES = ["business", "operations"] as const;
/** Whose personal data a column has: each class is masked and granted by itself. */
export const PERSONAL_CLASSES = {
  customer: "Ids of customers as they came",
  employee: "Names, e-mail addresses and telephone numbers of employees",
} as const;
export type PersonalClass = keyof typeof PERSONAL_CLASSES;
/** Teams that answer for a table: what it means, and that it is right. */
export const OWNERS = {
  "data-platform": "Builds and runs the pipeline; answers for what a run keeps and records",
  "sales-analytics": "Decides what a figure means; answers for the tables and views for the business",
} as const;
export type Owner = keyof typeof OWNERS;
/** BigQuery accepts no more clustering columns. */
export const MAX_CLUSTER_COLUMNS = 4;

export interface Column {
  readonly name: string;
  readonly type: (typeof TYPES)[number];
  /** Always written: BigQuery answers NULLABLE for an omitted mode, which would differ in every plan (pg#7979). */
  readonly mode: (typeof MODES)[number];
  readonly description: string;
  /** Class of the column's personal data. */
  readonly personal?: PersonalClass;
  /** Reference column that this column shows, as `stores.store_name`. */
  readonly from?: string;
  /** Value, in SQL, of rows that are older than the column. */
  readonly fill?: string;
  /** The smallest value that a row may have. */
  readonly minimum?: number;
  /** The only values that a row may have. */
  readonly values?: readonly string[];
}

/** What must hold in each row of a table: a check of the job too where the name is one of its checks. */
export interface RowRule {
  readonly name: string;
  readonly rule: string;
  /** Condition in SQL that a row breaks the rule by. */
  readonly violated: string;
}

/** One table as its catalog file declares it. */
export interface Table {
  readonly name: string;
  readonly kind: TableKind;
  readonly description: string;
  readonly owner?: Owner;
  /** Published tables only: BI readers see `business` tables. */
  readonly audience?: (typeof AUDIENCES)[number];
  /** Columns that identify a row; empty where rows repeat. */
  readonly key: readonly string[];
  /** Column of the daily partitions. */
  readonly partitionBy?: string;
  /** Refuse queries without a filter on {@link partitionBy}. */
  readonly filterRequired: boolean;
  /** Partitions expire after the environment's `quarantineDays`. */
  readonly expires: boolean;
  readonly clusterBy: readonly string[];
  /** What it is made from: other tables, `sales_data` (the sales files), `messages`, or a reference file such as `stores.csv`. */
  readonly sources: readonly string[];
  /** Published tables only: a query in BigQuery's SQL that shows how to read it. */
  readonly sample?: string;
  readonly rules: readonly RowRule[];
  readonly columns: readonly Column[];
}

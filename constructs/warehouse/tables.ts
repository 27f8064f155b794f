/** How one table of the warehouse is laid out; its columns are in pyspark-jobs/sales_job/tables/schemas/<name>.json. */
export interface TableSettings {
  readonly name: string;
  readonly description: string;
  readonly partitionBy?: string;
  /** Refuse queries that would read every day. */
  readonly filterRequired?: boolean;
  readonly clusterBy?: readonly string[];
  /** Partitions expire after the environment's `quarantineDays`. */
  readonly expires?: boolean;
  /** Shown to BI readers. */
  readonly published: boolean;
}

export const TABLES: readonly TableSettings[] = [
  {
    name: "daily_sales_summary",
    description: "One row a day and store",
    partitionBy: "transaction_date",
    filterRequired: true,
    clusterBy: ["store_id"],
    published: true,
  },
  {
    name: "product_performance",
    description: "One row a product, over all time",
    clusterBy: ["category", "product_id"],
    published: true,
  },
  {
    name: "store_performance",
    description: "One row a store, over all time",
    clusterBy: ["store_id"],
    published: true,
  },
  {
    name: "quarantined_sales",
    description: "Lines that break a rule, as they came, with the reason",
    partitionBy: "quarantined_at",
    clusterBy: ["arrival"],
    expires: true,
    published: false,
  },
  {
    name: "etl_runs",
    description: "One row a run of the job",
    partitionBy: "started_at",
    published: false,
  },
  {
    name: "quality_checks",
    description: "One row a check of a run, also of runs that failed by it",
    partitionBy: "checked_at",
    published: false,
  },
];

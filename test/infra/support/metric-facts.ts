/**
 * Facts from Google's lists of metrics (cloud.google.com/monitoring/api/metrics_gcp) about each metric that alerts and
 * dashboards name; docs/platform/monitoring.md names the source of each. An alert on a name, label or value that does not
 * exist never fires.
 */
export interface MetricFacts {
  readonly kind: "GAUGE" | "DELTA";
  readonly value: "BOOL" | "INT64" | "DOUBLE" | "DISTRIBUTION";
  readonly resource: string;
  /** Labels of the metric, and their values where the list names them. */
  readonly labels: Readonly<Record<string, readonly string[] | "any">>;
}

const cluster = (
  kind: MetricFacts["kind"],
  value: MetricFacts["value"],
  labels: MetricFacts["labels"] = {},
) => ({ kind, value, resource: "cloud_dataproc_cluster", labels });

const database = (value: MetricFacts["value"], labels: MetricFacts["labels"] = {}) =>
  ({ kind: "GAUGE", value, resource: "cloudsql_database", labels }) as const;

const composer = (kind: MetricFacts["kind"], value: MetricFacts["value"]) => ({
  kind,
  value,
  resource: "cloud_composer_environment",
  labels: { image_version: "any" } as const,
});

export const METRICS: Readonly<Record<string, MetricFacts>> = {
  "bigquery.googleapis.com/query/scanned_bytes_billed": {
    kind: "DELTA",
    value: "INT64",
    resource: "global",
    labels: { priority: "any" },
  },
  "bigquery.googleapis.com/slots/allocated_for_project": {
    kind: "GAUGE",
    value: "DOUBLE",
    resource: "global",
    labels: {},
  },
  "cloudsql.googleapis.com/database/cpu/utilization": database("DOUBLE"),
  "cloudsql.googleapis.com/database/disk/utilization": database("DOUBLE"),
  "cloudsql.googleapis.com/database/postgresql/num_backends": database("INT64", { database: "any" }),
  "cloudsql.googleapis.com/database/replication/replica_lag": database("DOUBLE"),
  "composer.googleapis.com/environment/healthy": composer("GAUGE", "BOOL"),
  "composer.googleapis.com/environment/scheduler_heartbeat_count": composer("DELTA", "INT64"),
  "dataproc.googleapis.com/cluster/job/failed_count": cluster("DELTA", "INT64", {
    error_type: "any",
    job_type: "any",
  }),
  "dataproc.googleapis.com/cluster/yarn/nodemanagers": cluster("GAUGE", "INT64", {
    status: ["active", "lost", "unhealthy", "rebooted", "decommissioned"],
  }),
  "dataproc.googleapis.com/cluster/yarn/pending_memory_size": cluster("GAUGE", "DOUBLE"),
  "pubsub.googleapis.com/subscription/dead_letter_message_count": {
    kind: "DELTA",
    value: "INT64",
    resource: "pubsub_subscription",
    labels: {},
  },
  "pubsub.googleapis.com/subscription/oldest_unacked_message_age": {
    kind: "GAUGE",
    value: "INT64",
    resource: "pubsub_subscription",
    labels: {},
  },
  "router.googleapis.com/nat/dropped_sent_packets_count": {
    kind: "DELTA",
    value: "INT64",
    resource: "nat_gateway",
    labels: { reason: ["OUT_OF_RESOURCES", "ENDPOINT_INDEPENDENCE_CONFLICT"], ip_protocol: "any" },
  },
};

/** Labels of each monitored resource, `project_id` aside. */
export const RESOURCES: Readonly<Record<string, readonly string[]>> = {
  cloud_composer_environment: ["location", "environment_name"],
  cloud_dataproc_cluster: ["cluster_name", "cluster_uuid", "region"],
  cloud_dataproc_job: ["job_id", "job_uuid", "region"],
  cloudsql_database: ["database_id", "region"],
  global: [],
  nat_gateway: ["region", "router_id", "gateway_name"],
  pubsub_subscription: ["subscription_id"],
};

/** Kinds and values that an aligner takes, from the reference of the API's `Aggregation`. */
export const ALIGNERS: Readonly<Record<string, (facts: MetricFacts) => boolean>> = {
  ALIGN_DELTA: ({ kind }) => kind === "DELTA",
  ALIGN_MEAN: ({ kind, value }) => kind === "GAUGE" && value !== "BOOL",
  ALIGN_MAX: ({ kind, value }) => kind === "GAUGE" && value !== "BOOL",
  ALIGN_SUM: ({ value }) => value !== "BOOL",
  ALIGN_FRACTION_TRUE: ({ kind, value }) => kind === "GAUGE" && value === "BOOL",
  ALIGN_PERCENTILE_99: ({ value }) => value === "DISTRIBUTION",
};

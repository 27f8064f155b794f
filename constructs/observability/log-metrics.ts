import { LoggingMetric } from "@cdktf/provider-google/lib/logging-metric";
import { Construct } from "constructs";

/** A metric that Cloud Logging computes from log entries. */
export interface LogMetric {
  readonly name: string;
  readonly description: string;
  /** Monitored resource whose log it reads; its time series have the labels of that resource. */
  readonly resource: "cloud_composer_environment" | "cloud_dataproc_job";
  /** Texts that an entry must contain. */
  readonly contains: readonly string[];
  /** Field of the entry that holds its text. */
  readonly field: "textPayload" | "jsonPayload.message";
  /**
   * Labels, each with a pattern whose only group is the value.
   * @default - no labels
   */
  readonly labels?: Readonly<Record<string, string>>;
  /**
   * Pattern whose only group is a number.
   * @default - the metric counts entries
   */
  readonly value?: string;
  /** @default "1" */
  readonly unit?: string;
}

/** Entries of runs that ended; docs/platform/log-events.md describes them. The DAGs write JSON without blanks. */
const endedRuns = (status?: string): Pick<LogMetric, "resource" | "field" | "contains"> => ({
  resource: "cloud_composer_environment",
  field: "textPayload",
  contains: ['"event":"pipeline_run"', ...(status === undefined ? [] : [`"status":"${status}"`])],
});

const STATUS = '"status":"([a-z_]+)"';

const counted = (name: string, description: string): LogMetric => ({
  name: `sales_${name}`,
  description,
  ...endedRuns("done"),
  value: `"${name}":([0-9]+)`,
  unit: "1",
});

/** Amount that a run added to the tables; negative where a smaller delivery replaced another. */
const money = (name: string, description: string): LogMetric => ({
  ...counted(name, description),
  value: `"${name}":(-?[0-9]+(?:\\.[0-9]+)?)`,
});

/** Figure with decimals, never negative. */
const measured = (name: string, description: string): LogMetric => ({
  ...counted(name, description),
  value: `"${name}":([0-9]+(?:\\.[0-9]+)?)`,
});

export const LOG_METRICS = {
  runs: {
    name: "sales_pipeline_runs",
    description: "Runs of the daily pipeline that ended, by status: done, no_arrival, failed",
    ...endedRuns(),
    labels: { status: STATUS },
  },
  read: counted("rows_read", "Sales lines that a run read"),
  loaded: counted("rows_loaded", "Sales lines that a run loaded"),
  duplicate: counted("rows_duplicate", "Sales lines that had been delivered before"),
  quarantined: counted("rows_quarantined", "Sales lines that a run put aside because they break a rule"),
  quarantinedPercent: {
    ...counted("quarantined_percent", "Percentage of a run's sales lines that break a rule"),
    value: '"quarantined_percent":([0-9]+(?:\\.[0-9]+)?)',
  },
  quarantineExceeded: {
    name: "sales_quarantine_exceeded",
    description: "Runs with a larger share of bad sales lines than the environment's maximumQuarantineShare",
    ...endedRuns(),
    contains: ['"event":"pipeline_run"', '"quarantine":"above_limit"'],
  },
  revenue: money("revenue_added", "Revenue that a run added to the tables"),
  profit: money("gross_profit_added", "Gross profit that a run added to the tables"),
  seconds: {
    name: "sales_run_seconds",
    description: "How long the job of a run took",
    ...endedRuns("done"),
    value: '"seconds":([0-9]+(?:\\.[0-9]+)?)',
    unit: "s",
  },
  bytesBilled: {
    ...counted("bytes_billed", "Bytes that BigQuery bills for the queries of a job"),
    unit: "By",
  },
  slotSeconds: { ...measured("slot_seconds", "Slot time that the job of a run used in BigQuery"), unit: "s" },
  workerSeconds: {
    ...measured("worker_seconds", "Time of Dataproc workers that the job of a run used"),
    unit: "s",
  },
  cost: measured("cost_usd", "US dollars that the job of a run cost, by list prices"),
  late: {
    name: "sales_deadlines_missed",
    description: "Days whose tables were not up to date by the deadline",
    ...endedRuns(),
    contains: ['"event":"deadline_missed"'],
  },
  leftRunning: {
    name: "sales_services_left_running",
    description: "Runs after which cluster or database could not be stopped",
    ...endedRuns(),
    contains: ['"event":"services_left_running"'],
  },
  unusualReads: {
    name: "sales_unusual_reads",
    description: "Accounts that read far more of BigQuery on a day than they used to",
    ...endedRuns(),
    contains: ['"event":"unusual_reads"', '"status":"unusual"'],
  },
  rotations: {
    name: "sales_password_rotations",
    description: "Rotations of the database password, by status: done, failed",
    ...endedRuns(),
    contains: ['"event":"password_rotation"'],
    labels: { status: STATUS },
  },
  drills: {
    name: "sales_restore_drills",
    description: "Drills that restored the database, by status: done, failed",
    ...endedRuns(),
    contains: ['"event":"restore_drill"'],
    labels: { status: STATUS },
  },
  copies: {
    name: "sales_recovery_copies",
    description: "Copies of the tables of figures into the recovery region that failed",
    ...endedRuns(),
    contains: ['"event":"recovery_copy"'],
    labels: { status: STATUS },
  },
  untold: {
    name: "sales_notifications_failed",
    description: "Messages that a channel did not take",
    ...endedRuns(),
    contains: ['"event":"notification_failed"'],
    labels: { channel: '"channel":"([a-z]+)"' },
  },
  /** The last line of the job's output, from Dataproc's driver log; Python writes JSON with blanks. */
  jobs: {
    name: "sales_job_summaries",
    description: "Ends of the Spark job, by status: done, refused, misconfigured, failed",
    resource: "cloud_dataproc_job",
    field: "jsonPayload.message",
    contains: ['"run_id": ', '"rows_read": '],
    labels: { status: '"status": "([a-z_]+)"' },
  },
} as const satisfies Readonly<Record<string, LogMetric>>;

export type LogMetricName = keyof typeof LOG_METRICS;

/** A string in the query language of Cloud Logging. */
const quoted = (text: string): string => `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;

/** Filter that selects the entries of a metric. */
function filterOf({ resource, field, contains }: LogMetric): string {
  return [`resource.type="${resource}"`, ...contains.map((text) => `${field}:${quoted(text)}`)].join(" AND ");
}

const extract = (field: string, pattern: string): string => `REGEXP_EXTRACT(${field}, ${quoted(pattern)})`;

/** Type of a metric, as alerts and dashboards refer to it. */
export const metricType = (name: LogMetricName): string =>
  `logging.googleapis.com/user/${LOG_METRICS[name].name}`;

/** The log-based metrics of an environment; they are the same in all. */
export class LogMetrics extends Construct {
  readonly metrics: LoggingMetric[];

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.metrics = (Object.entries(LOG_METRICS) as [string, LogMetric][]).map(([key, metric]) => {
      const { name, description, field, labels = {}, value, unit } = metric;
      return new LoggingMetric(this, key, {
        name,
        description,
        filter: filterOf(metric),
        metricDescriptor: {
          metricKind: "DELTA",
          valueType: value === undefined ? "INT64" : "DISTRIBUTION",
          unit: unit ?? "1",
          labels: Object.keys(labels).map((label) => ({ key: label, valueType: "STRING" })),
        },
        labelExtractors: Object.fromEntries(
          Object.entries(labels).map(([label, pattern]) => [label, extract(field, pattern)]),
        ),
        ...(value !== undefined && {
          valueExtractor: extract(field, value),
          // From 1 to 4 billion. Alerts and charts use sums, which are exact with any buckets.
          bucketOptions: { exponentialBuckets: { numFiniteBuckets: 32, growthFactor: 2, scale: 1 } },
        }),
      });
    });
  }
}

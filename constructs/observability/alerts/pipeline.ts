import { Environment } from "../../../environments/environment";
import { resourceName } from "../../../environments/naming";
import { Alert, Condition } from "../alert";
import { LOG_METRICS, LogMetricName, metricType } from "../log-metrics";

/** Fires on any entry that a log-based counter counts, or on any of one status. */
export function anyLogLine(metric: LogMetricName, status?: string): Condition {
  return {
    kind: "threshold",
    metric: metricType(metric),
    resource: LOG_METRICS[metric].resource,
    ...(status !== undefined && { where: `metric.label.status="${status}"` }),
    above: 0,
    alignSeconds: 300,
    aligner: "ALIGN_SUM",
    reducer: "REDUCE_SUM",
  };
}

/** Name of a log-based metric in PromQL, which has `_` and `:` for the type's `.` and `/`. */
const promqlName = (metric: LogMetricName): string =>
  `logging_googleapis_com:user_${LOG_METRICS[metric].name}`;

/**
 * PromQL: whether a run in a range ended without a failure. There is one point a day, and `increase` or `rate` need two in
 * a range: `present_over_time` needs one.
 */
function runsFinished(range: string): string {
  const labels = `monitored_resource="${LOG_METRICS.runs.resource}",status!="failed"`;
  return `sum(present_over_time(${promqlName("runs")}{${labels}}[${range}]))`;
}

/** Alerts on what users of the figures notice. */
export function pipelineAlerts({
  name,
  operations,
  notifications,
  warehouse,
}: Pick<Environment, "name" | "operations" | "notifications" | "warehouse">): Alert[] {
  // The run of a day may end at its deadline, and the run of the day before may have ended at once.
  const silence = 24 + notifications.deadlineHours;
  const percent = Math.round(operations.maximumQuarantineShare * 1000) / 10;
  /** Fields of the log: https://cloud.google.com/dataplex/docs/use-auto-data-quality */
  const scan: Alert = {
    id: "scan-failed",
    title: "a scan of the tables found a fault",
    minimumLevel: "basic",
    severity: "ERROR",
    description: "A rule of the catalog does not hold in a published table, or a scan could not run.",
    runbook: "scan-failed",
    conditions: {
      "a rule failed, or a scan": {
        kind: "log",
        filter: [
          'log_id("dataplex.googleapis.com/data_scan")',
          'resource.type="dataplex.googleapis.com/DataScan"',
          `resource.labels.datascan_id=~"^(${resourceName(name, "quality")}|${resourceName(name, "profile")})-"`,
          '(labels."dataplex.googleapis.com/data_scan_state"="FAILED" OR jsonPayload.dataQuality.passed=false)',
        ].join(" AND "),
      },
    },
  };
  return [
    ...(warehouse.scans ? [scan] : []),
    {
      id: "pipeline-failed",
      title: "the pipeline failed",
      minimumLevel: "basic",
      severity: "CRITICAL",
      description:
        "A task of the daily run failed for good: the tables are as they were before it. The event in the log names task and reason.",
      runbook: "job-failed",
      conditions: { "a run ended as failed": anyLogLine("runs", "failed") },
    },
    {
      id: "pipeline-late",
      title: "the pipeline is late",
      minimumLevel: "basic",
      severity: "CRITICAL",
      description: `A day's tables were not up to date ${notifications.deadlineHours} hours after the run's hour.`,
      runbook: "late-run",
      conditions: { "Airflow says that a deadline was missed": anyLogLine("late") },
    },
    {
      // For an Airflow that is down and cannot report. An environment that has never run is not late.
      id: "pipeline-silent",
      title: "no run ends",
      minimumLevel: "basic",
      severity: "CRITICAL",
      description: `No run ended for ${silence} hours, and nobody may have said so: the tables are older than they should be.`,
      runbook: "late-run",
      conditions: {
        [`no run ended for ${silence} hours`]: {
          kind: "promql",
          query: `${runsFinished("7d")} unless ${runsFinished(`${silence}h`)}`,
          forSeconds: 0,
        },
      },
    },
    {
      id: "quarantine-share",
      title: `more than ${percent} % of a run's lines are bad`,
      minimumLevel: "basic",
      severity: "WARNING",
      description: `More than ${percent} % of a run's lines broke a rule and are in quarantined_sales with the reason. Beyond 5 % a run is refused.`,
      runbook: "refused-input",
      conditions: {
        // The DAG compares: a ratio of two series with a point a day has no value at most times.
        [`quarantined / read > ${percent} %`]: anyLogLine("quarantineExceeded"),
      },
    },
    {
      id: "job-failed",
      title: "a Dataproc job failed",
      minimumLevel: "basic",
      severity: "ERROR",
      description:
        "Dataproc ended a job as failed, or the job said itself that it failed. Airflow may try it again.",
      runbook: "job-failed",
      conditions: {
        "Dataproc counts a failed job": {
          kind: "threshold",
          metric: "dataproc.googleapis.com/cluster/job/failed_count",
          resource: "cloud_dataproc_cluster",
          above: 0,
          alignSeconds: 300,
          aligner: "ALIGN_DELTA",
          reducer: "REDUCE_SUM",
        },
        "the job's last line says failed": anyLogLine("jobs", "failed"),
      },
    },
    {
      id: "input-refused",
      title: "the job refused its input",
      minimumLevel: "enhanced",
      severity: "ERROR",
      description:
        "A file lacks a column, a reference file is missing or has a key twice, or too many lines are bad. The tables are untouched.",
      runbook: "refused-input",
      conditions: { "the job's last line says refused": anyLogLine("jobs", "refused") },
    },
    {
      id: "notification-failed",
      title: "a message could not be sent",
      minimumLevel: "enhanced",
      severity: "WARNING",
      description: "The pipeline ran on, but e-mail or chat did not take what it had to say.",
      runbook: "notification-failed",
      conditions: { "a channel did not take a message": anyLogLine("untold") },
    },
    {
      id: "secret-not-rotated",
      title: "the database password was not rotated",
      minimumLevel: "enhanced",
      severity: "ERROR",
      description:
        "Secret Manager asked for a rotation and nobody took the request up within two days, or the rotation failed. The old password still works.",
      runbook: "rotate-credentials",
      conditions: {
        "a request to rotate waits for two days": {
          kind: "threshold",
          metric: "pubsub.googleapis.com/subscription/oldest_unacked_message_age",
          resource: "pubsub_subscription",
          where: `resource.label.subscription_id="${resourceName(name, "secret-rotation")}"`,
          above: 172_800,
          alignSeconds: 300,
          aligner: "ALIGN_MAX",
        },
        "a rotation failed": anyLogLine("rotations", "failed"),
      },
    },
  ];
}

import { Environment } from "../../../environments/environment";
import { resourceName } from "../../../environments/naming";
import { Alert, Condition } from "../alert-policies";
import { LOG_METRICS, LogMetricName, metricType } from "../log-metrics";

/** Any line of a log-based counter, of one status where given. */
function any(metric: LogMetricName, status?: string): Condition {
  return {
    kind: "threshold",
    metric: metricType(metric),
    resource: LOG_METRICS[metric].resource,
    ...(status !== undefined && { where: `metric.label.status="${status}"` }),
    above: 0,
    every: 300,
    aligner: "ALIGN_SUM",
    reducer: "REDUCE_SUM",
  };
}

/** PromQL's name of a metric from the log: it writes `_` and `:` for a metric type's `.` and `/`. */
const promqlName = (metric: LogMetricName): string =>
  `logging_googleapis_com:user_${LOG_METRICS[metric].name}`;

/** PromQL for a distribution's sum over a time. */
export function summed(metric: LogMetricName, range: string): string {
  return `sum(increase(${promqlName(metric)}_sum{monitored_resource="${LOG_METRICS[metric].resource}"}[${range}]))`;
}

/** Runs that ended well in a time. */
function ended(range: string): string {
  const labels = `monitored_resource="${LOG_METRICS.runs.resource}",status!="failed"`;
  return `sum(increase(${promqlName("runs")}{${labels}}[${range}]))`;
}

/** What users of the figures notice. */
export function pipelineAlerts({ name, operations, notifications }: Environment): Alert[] {
  // A day may end as late as its deadline, and the day before at once.
  const silence = 24 + notifications.deadlineHours;
  const percent = Math.round(operations.maximumQuarantineShare * 1000) / 10;
  return [
    {
      id: "pipeline-failed",
      title: "the pipeline failed",
      from: "basic",
      severity: "CRITICAL",
      meaning:
        "A task of the daily run failed for good: the tables are as they were before it. The event in the log names task and reason.",
      runbook: "job-failed",
      conditions: { "a run ended as failed": any("runs", "failed") },
    },
    {
      id: "pipeline-late",
      title: "the pipeline is late",
      from: "basic",
      severity: "CRITICAL",
      meaning: `A day's tables were not up to date ${notifications.deadlineHours} hours after the run's hour.`,
      runbook: "late-run",
      conditions: { "Airflow says that a deadline was missed": any("late") },
    },
    {
      // For when Airflow itself is away and can say nothing. An environment that has not run yet is not late.
      id: "pipeline-silent",
      title: "no run ends",
      from: "basic",
      severity: "CRITICAL",
      meaning: `No run ended for ${silence} hours, and nobody may have said so: the tables are older than they should be.`,
      runbook: "late-run",
      conditions: {
        [`no run ended for ${silence} hours`]: {
          kind: "promql",
          query: `(${ended("7d")} > 0) unless (${ended(`${silence}h`)} > 0)`,
          lasts: 0,
        },
      },
    },
    {
      id: "quarantine-share",
      title: `more than ${percent} % of a run's lines are bad`,
      from: "basic",
      severity: "WARNING",
      meaning: `More than ${percent} % of the lines of the last hour's runs broke a rule and are in quarantined_sales with the reason. Beyond 5 % a run is refused.`,
      runbook: "refused-input",
      conditions: {
        [`quarantined / read > ${percent} %`]: {
          kind: "promql",
          query: `${summed("quarantined", "1h")} / ${summed("read", "1h")} > ${operations.maximumQuarantineShare}`,
          lasts: 0,
        },
      },
    },
    {
      id: "job-failed",
      title: "a Dataproc job failed",
      from: "basic",
      severity: "ERROR",
      meaning:
        "Dataproc ended a job as failed, or the job said itself that it failed. Airflow may try it again.",
      runbook: "job-failed",
      conditions: {
        "Dataproc counts a failed job": {
          kind: "threshold",
          metric: "dataproc.googleapis.com/cluster/job/failed_count",
          resource: "cloud_dataproc_cluster",
          above: 0,
          every: 300,
          aligner: "ALIGN_DELTA",
          reducer: "REDUCE_SUM",
        },
        "the job's last line says failed": any("jobs", "failed"),
      },
    },
    {
      id: "input-refused",
      title: "the job refused its input",
      from: "enhanced",
      severity: "ERROR",
      meaning:
        "A file lacks a column, a reference file is missing or has a key twice, or too many lines are bad. The tables are untouched.",
      runbook: "refused-input",
      conditions: { "the job's last line says refused": any("jobs", "refused") },
    },
    {
      id: "notification-failed",
      title: "a message could not be sent",
      from: "enhanced",
      severity: "WARNING",
      meaning: "The pipeline ran on, but e-mail or chat did not take what it had to say.",
      runbook: "notification-failed",
      conditions: { "a channel did not take a message": any("untold") },
    },
    {
      id: "secret-not-rotated",
      title: "the database password was not rotated",
      from: "enhanced",
      severity: "ERROR",
      meaning:
        "Secret Manager asked for a rotation and nobody took the request up within two days, or the rotation failed. The old password still works.",
      runbook: "rotate-credentials",
      conditions: {
        "a request to rotate waits for two days": {
          kind: "threshold",
          metric: "pubsub.googleapis.com/subscription/oldest_unacked_message_age",
          resource: "pubsub_subscription",
          where: `resource.label.subscription_id="${resourceName(name, "secret-rotation")}"`,
          above: 172_800,
          every: 300,
          aligner: "ALIGN_MAX",
        },
        "a rotation failed": any("rotations", "failed"),
      },
    },
  ];
}

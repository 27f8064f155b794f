import { Environment } from "../../environments/environment";
import { WatchedNames } from "./alerts/platform";
import {
  omitEmptyValues,
  chart,
  COLUMNS,
  heading,
  gridLayout,
  ofMetric,
  scorecard,
  Series,
  text,
  Tile,
} from "./dashboard-widgets";
import { LOG_METRICS, LogMetricName, metricType } from "./log-metrics";

const COMPOSER = "cloud_composer_environment";

type DashboardEnvironment = Pick<Environment, "name" | "operations">;

/** Log entries of a day that a counter counts, split by a label. */
function entries(metric: LogMetricName, label?: string): Series {
  return ofMetric(
    label === undefined ? LOG_METRICS[metric].description : `\${metric.labels.${label}}`,
    metricType(metric),
    LOG_METRICS[metric].resource,
    { aligner: "ALIGN_SUM", period: 86_400, by: label === undefined ? [] : [`metric.label.${label}`] },
  );
}

/** Mean of a figure over the day's runs: exact also for negative values, where sums of a counter are not. */
const perRun = (legend: string, metric: LogMetricName): Series =>
  ofMetric(legend, metricType(metric), COMPOSER, {
    aligner: "ALIGN_DELTA",
    reducer: "REDUCE_MEAN",
    period: 86_400,
  });

const quarantined = perRun("quarantined, %", "quarantinedPercent");

function pipelineTiles({ operations }: DashboardEnvironment, dataset: string): Tile[] {
  return [
    heading("The pipeline"),
    chart("Runs of a day, by how they ended", [entries("runs", "status")], { plot: "STACKED_BAR" }),
    scorecard("Days that missed the deadline", entries("late")),
    scorecard("Quarantined lines of a run, %, last day", quarantined),
    chart("Revenue and gross profit that a run added, mean of a day's runs", [
      perRun("revenue", "revenue"),
      perRun("gross profit", "profit"),
    ]),
    scorecard("Revenue of a run, last day", perRun("revenue", "revenue")),
    scorecard("Gross profit of a run, last day", perRun("gross profit", "profit")),
    chart("Sales lines of a run, mean of a day's runs", [
      perRun("read", "read"),
      perRun("loaded", "loaded"),
      perRun("duplicate", "duplicate"),
      perRun("quarantined", "quarantined"),
    ]),
    chart("Quarantined lines of a run, %", [quarantined], { limit: operations.maximumQuarantineShare * 100 }),
    chart("Seconds of the job", [
      ofMetric("longest", metricType("seconds"), COMPOSER, {
        aligner: "ALIGN_PERCENTILE_99",
        reducer: "REDUCE_MAX",
        period: 86_400,
      }),
    ]),
    chart("Cost of a run's job by list prices, US dollars, mean of a day's runs", [perRun("cost", "cost")]),
    chart("Work of a run's job, seconds, mean of a day's runs", [
      perRun("worker seconds", "workerSeconds"),
      perRun("slot seconds", "slotSeconds"),
    ]),
    scorecard("Cost of a run's job, US dollars, last day", perRun("cost", "cost")),
    scorecard("Bytes billed of a run's job, last day", perRun("bytes billed", "bytesBilled")),
    text(
      "Revenue and gross profit",
      `In BigQuery, exact and by day, store and product: dataset \`${dataset}\`, views and tables in docs/platform/bi.md.`,
    ),
  ];
}

function platformTiles(names: WatchedNames): Tile[] {
  const of = (label: string, name: string) => `resource.label.${label}="${name}"`;
  const cluster = (legend: string, metric: string): Series =>
    ofMetric(legend, `dataproc.googleapis.com/cluster/yarn/${metric}`, "cloud_dataproc_cluster", {
      aligner: "ALIGN_MEAN",
      period: 300,
      where: of("cluster_name", names.cluster),
    });
  const database = (legend: string, metric: string): Series =>
    ofMetric(legend, `cloudsql.googleapis.com/database/${metric}`, "cloudsql_database", {
      aligner: "ALIGN_MEAN",
      reducer: "REDUCE_MAX",
      period: 300,
      where: of("database_id", names.database),
    });
  return [
    heading("What it stands on"),
    chart("Airflow scheduler, heartbeats", [
      ofMetric("heartbeats", "composer.googleapis.com/environment/scheduler_heartbeat_count", COMPOSER, {
        aligner: "ALIGN_SUM",
        period: 600,
        where: of("environment_name", names.composer),
      }),
    ]),
    chart("Cluster: nodes", [cluster("nodes", "nodemanagers")]),
    chart("Cluster: memory waited for, GB", [cluster("pending", "pending_memory_size")]),
    chart(
      "Database: CPU and disk",
      [database("CPU", "cpu/utilization"), database("disk", "disk/utilization")],
      {
        limit: 0.85,
      },
    ),
    chart("Database: connections", [database("connections", "postgresql/num_backends")]),
    chart("BigQuery: bytes billed of a day", [
      ofMetric("bytes", "bigquery.googleapis.com/query/scanned_bytes_billed", "global", {
        aligner: "ALIGN_SUM",
        period: 86_400,
      }),
    ]),
    chart("BigQuery: slots", [
      ofMetric("slots", "bigquery.googleapis.com/slots/allocated_for_project", "global", {
        aligner: "ALIGN_MEAN",
        period: 300,
      }),
    ]),
    chart("Cloud NAT: packets dropped", [
      ofMetric(
        "${metric.labels.reason}",
        "router.googleapis.com/nat/dropped_sent_packets_count",
        "nat_gateway",
        {
          aligner: "ALIGN_DELTA",
          period: 300,
          by: ["metric.label.reason"],
        },
      ),
    ]),
    chart(
      "Password rotations and restore drills",
      [entries("rotations", "status"), entries("drills", "status")],
      {
        plot: "STACKED_BAR",
      },
    ),
  ];
}

/** JSON of the dashboard: the pipeline on top, the platform's parts below. */
export function dashboardJson(
  environment: DashboardEnvironment,
  names: WatchedNames,
  dataset: string,
): string {
  const page = omitEmptyValues({
    displayName: `sales ${environment.name}: pipeline`,
    mosaicLayout: {
      columns: COLUMNS,
      tiles: gridLayout([...pipelineTiles(environment, dataset), ...platformTiles(names)]),
    },
  });
  // Terraform would read a legend's ${...} as a reference of its own.
  return page.replaceAll("${", () => "$${");
}

import { Environment } from "../../../environments/environment";
import { Alert, Condition } from "../alert";
import { LOG_METRICS, metricType } from "../log-metrics";
import { anyLogLine } from "./pipeline";

/** Names of the watched resources. */
export interface WatchedNames {
  readonly composer: string;
  readonly cluster: string;
  /** `<project>:<instance>`, as in Cloud SQL's metrics. */
  readonly database: string;
}

type Threshold = Extract<Condition, { kind: "threshold" }>;

/** Condition on the mean of a gauge over five minutes. */
function gauge(
  metric: string,
  resource: string,
  where: string,
  limit: Pick<Threshold, "above" | "below" | "forSeconds" | "reducer">,
): Threshold {
  return { kind: "threshold", metric, resource, where, alignSeconds: 300, aligner: "ALIGN_MEAN", ...limit };
}

/** Alerts on the services that the pipeline needs. */
export function platformAlerts(
  environment: Pick<Environment, "database" | "processing" | "warehouse">,
  names: WatchedNames,
): Alert[] {
  const composer = `resource.label.environment_name="${names.composer}"`;
  const cluster = `resource.label.cluster_name="${names.cluster}"`;
  const database = `resource.label.database_id="${names.database}"`;
  const { maxConnections, crossRegion } = environment.database;
  const { processing } = environment;
  const alerts: Alert[] = [
    {
      id: "composer-unhealthy",
      title: "Composer is unhealthy",
      minimumLevel: "basic",
      severity: "CRITICAL",
      description:
        "Airflow does not run tasks, or its scheduler gives no sign of life: no day is taken until it does.",
      runbook: "composer-replaced",
      conditions: {
        "the health check fails": {
          kind: "threshold",
          metric: "composer.googleapis.com/environment/healthy",
          resource: "cloud_composer_environment",
          where: composer,
          below: 0.5,
          alignSeconds: 900,
          aligner: "ALIGN_FRACTION_TRUE",
          forSeconds: 900,
        },
        "no heartbeat of the scheduler": {
          kind: "threshold",
          metric: "composer.googleapis.com/environment/scheduler_heartbeat_count",
          resource: "cloud_composer_environment",
          where: composer,
          below: 1,
          alignSeconds: 600,
          aligner: "ALIGN_SUM",
          reducer: "REDUCE_SUM",
          forSeconds: 600,
          missingDataFires: true,
        },
      },
    },
    {
      id: "cluster-unhealthy",
      title: "the cluster has no healthy node, or too little memory",
      minimumLevel: "enhanced",
      severity: "ERROR",
      description:
        "Jobs wait: YARN has no active node, or has had memory to give for three hours less than is asked.",
      runbook: "job-failed",
      conditions: {
        "no active node": gauge(
          "dataproc.googleapis.com/cluster/yarn/nodemanagers",
          "cloud_dataproc_cluster",
          `${cluster} AND metric.label.status="active"`,
          { below: 1, forSeconds: 600, reducer: "REDUCE_SUM" },
        ),
        "memory is waited for": gauge(
          "dataproc.googleapis.com/cluster/yarn/pending_memory_size",
          "cloud_dataproc_cluster",
          cluster,
          // Dynamic allocation asks for more than there is as long as a stage has tasks: a long backfill does for an hour.
          { above: 0, forSeconds: 10_800 },
        ),
      },
    },
    {
      id: "services-left-running",
      title: "the cluster was left running",
      minimumLevel: "basic",
      severity: "WARNING",
      description:
        "The tables are good, but cluster or database could not be stopped after a run: they cost money until the next run stops them.",
      runbook: "services-left-running",
      conditions: {
        "the DAG could not stop cluster or database": anyLogLine("leftRunning"),
        // Whatever the reason: a DAG that was paused in between, a run that was killed, a cluster that was just made.
        ...(!processing.standing && {
          "the cluster has run for 12 hours": gauge(
            "dataproc.googleapis.com/cluster/yarn/nodemanagers",
            "cloud_dataproc_cluster",
            `${cluster} AND metric.label.status="active"`,
            { above: 0, forSeconds: 43_200, reducer: "REDUCE_SUM" },
          ),
        }),
      },
    },
    {
      id: "database-load",
      title: "the database is near a limit",
      minimumLevel: "enhanced",
      severity: "WARNING",
      description:
        "CPU, disk or connections of Cloud SQL are near their limit; the job reads the reference data from it.",
      runbook: "database-load",
      conditions: {
        "CPU above 85 % for 15 minutes": gauge(
          "cloudsql.googleapis.com/database/cpu/utilization",
          "cloudsql_database",
          database,
          { above: 0.85, forSeconds: 900 },
        ),
        "disk above 85 %": gauge(
          "cloudsql.googleapis.com/database/disk/utilization",
          "cloudsql_database",
          database,
          { above: 0.85, forSeconds: 900 },
        ),
        [`more than ${Math.floor(maxConnections * 0.8)} of ${maxConnections} connections`]: gauge(
          "cloudsql.googleapis.com/database/postgresql/num_backends",
          "cloudsql_database",
          database,
          { above: Math.floor(maxConnections * 0.8), forSeconds: 300, reducer: "REDUCE_SUM" },
        ),
      },
    },
    {
      id: "backup-failed",
      title: "a backup of the database failed",
      minimumLevel: "enhanced",
      severity: "ERROR",
      description: "Cloud SQL did not make its daily backup: the recovery point moves away with every hour.",
      runbook: "restore-database",
      conditions: {
        "Cloud SQL says that a backup failed": {
          kind: "log",
          filter: [
            'log_id("cloudaudit.googleapis.com/system_event")',
            'resource.type="cloudsql_database"',
            `resource.labels.database_id="${names.database}"`,
            'protoPayload.methodName="cloudsql.instances.automatedBackup"',
            'protoPayload.metadata.windowStatus=("STATUS_FAILED" OR "STATUS_ATTEMPT_FAILED")',
          ].join(" AND "),
        },
      },
    },
    {
      id: "drill-failed",
      title: "a restore drill failed",
      minimumLevel: "enhanced",
      severity: "ERROR",
      description:
        "The latest backup could not be restored, or not within the goals: the log's event lists the problems.",
      runbook: "restore-database",
      conditions: {
        "a drill ended as failed": {
          kind: "threshold",
          metric: metricType("drills"),
          resource: LOG_METRICS.drills.resource,
          where: 'metric.label.status="failed"',
          above: 0,
          alignSeconds: 300,
          aligner: "ALIGN_SUM",
          reducer: "REDUCE_SUM",
        },
      },
    },
    {
      id: "nat-ports",
      title: "Cloud NAT runs out of ports",
      minimumLevel: "full",
      severity: "WARNING",
      description: "Packets to the outside are dropped because a node has no port left.",
      runbook: "network-ports",
      conditions: {
        "packets dropped for lack of ports": {
          kind: "threshold",
          metric: "router.googleapis.com/nat/dropped_sent_packets_count",
          resource: "nat_gateway",
          where: 'metric.label.reason="OUT_OF_RESOURCES"',
          above: 0,
          alignSeconds: 300,
          aligner: "ALIGN_DELTA",
          reducer: "REDUCE_SUM",
        },
      },
    },
  ];
  if (crossRegion) {
    alerts.push({
      id: "replica-lag",
      title: "the database replica lags",
      minimumLevel: "full",
      severity: "WARNING",
      description:
        "The replica in the recovery region is more than five minutes behind: so much would be lost with the region.",
      runbook: "region-loss",
      conditions: {
        "more than 300 seconds behind": gauge(
          "cloudsql.googleapis.com/database/replication/replica_lag",
          "cloudsql_database",
          `resource.label.database_id="${names.database}-replica"`,
          { above: 300, forSeconds: 600 },
        ),
      },
    });
  }
  if (environment.warehouse.crossRegion) {
    alerts.push({
      // A copy that is late is a run that is late, or a task that ran out of its time, which is a failure.
      id: "copy-failed",
      title: "the figures were not copied to the recovery region",
      minimumLevel: "basic",
      severity: "WARNING",
      description:
        "The tables are up to date, but some of their copies in the recovery region are those of an earlier run: so much would be lost with the region.",
      runbook: "region-loss",
      conditions: { "the DAG could not copy tables": anyLogLine("copies", "failed") },
    });
  }
  return alerts;
}

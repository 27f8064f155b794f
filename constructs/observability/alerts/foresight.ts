import { Alert } from "../alert";
import { WatchedNames } from "./platform";

/** The longest forecast that Cloud Monitoring makes, 60 hours: time to ask for a quota on a weekend. */
const HORIZON_SECONDS = 216_000;
/** Share of a quota in use below which its forecast is left aside: a cluster that starts is a trend of minutes. */
const NOTEWORTHY_SHARE = 0.7;

/**
 * Quotas of all services that are nearly used up. Usage and limit are joined as Google's page on quota metrics does.
 * https://docs.cloud.google.com/monitoring/alerts/using-quota-metrics
 */
function quotaQuery(): string {
  const usage =
    'serviceruntime_googleapis_com:quota_allocation_usage{monitored_resource="consumer_quota"}[1d]';
  const limit = '(serviceruntime_googleapis_com:quota_limit{monitored_resource="consumer_quota"} > 0)';
  const share = (use: string): string => `(${use} / ignoring(limit_name) group_right() ${limit})`;
  return [
    `${share(`predict_linear(${usage}, ${HORIZON_SECONDS})`)} > 1`,
    `${share(`last_over_time(${usage})`)} > ${NOTEWORTHY_SHARE}`,
  ].join(" and ");
}

/** Alerts on what will run out within days, while there is time to act. */
export function foresightAlerts({ database }: Pick<WatchedNames, "database">): Alert[] {
  return [
    {
      id: "disk-forecast",
      title: "the database's disk will be full",
      minimumLevel: "enhanced",
      severity: "WARNING",
      description: "At the rate of the last days the disk of Cloud SQL is 95 % full within 60 hours.",
      runbook: "capacity-forecast",
      conditions: {
        "disk above 95 % within 60 hours": {
          kind: "threshold",
          metric: "cloudsql.googleapis.com/database/disk/utilization",
          resource: "cloudsql_database",
          where: `resource.label.database_id="${database}"`,
          above: 0.95,
          alignSeconds: 3600,
          aligner: "ALIGN_MEAN",
          forSeconds: 3600,
          forecastSeconds: HORIZON_SECONDS,
        },
      },
    },
    {
      id: "quota-forecast",
      title: "a quota will be used up",
      minimumLevel: "enhanced",
      severity: "WARNING",
      description:
        "More than 70 % of a quota are used, and at the rate of the last day all of it within 60 hours.",
      runbook: "capacity-forecast",
      conditions: {
        "a quota is used up within 60 hours": { kind: "promql", query: quotaQuery(), forSeconds: 3600 },
      },
    },
  ];
}

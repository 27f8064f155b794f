import { MonitoringDashboard } from "@cdktf/provider-google/lib/monitoring-dashboard";
import { Construct } from "constructs";
import { Environment } from "../../environments/environment";
import { Database } from "../database/database";
import { Composer } from "../orchestration/composer";
import { SparkCluster } from "../processing/spark-cluster";
import { Warehouse } from "../warehouse/warehouse";
import { includesLevel } from "./alert";
import { AlertPolicies } from "./alert-policies";
import { costAndChangeAlerts } from "./alerts/cost-and-change";
import { foresightAlerts } from "./alerts/foresight";
import { pipelineAlerts } from "./alerts/pipeline";
import { platformAlerts } from "./alerts/platform";
import { securityAlerts } from "./alerts/security";
import { streamAlerts } from "./alerts/stream";
import { dashboardJson } from "./dashboard";
import { EmailChannels } from "./email-channels";
import { LogMetrics } from "./log-metrics";
import { Objectives } from "./objectives";

export interface ObservabilityProps {
  readonly environment: Pick<
    Environment,
    | "name"
    | "projectId"
    | "database"
    | "processing"
    | "warehouse"
    | "notifications"
    | "operations"
    | "organization"
    | "streaming"
  >;
  readonly database: Pick<Database, "instanceName">;
  readonly cluster: Pick<SparkCluster, "clusterName">;
  readonly warehouse: Pick<Warehouse, "datasetId">;
  readonly composer: Composer;
  /**
   * Repository that holds the runbooks, `owner/name`.
   * @default - alerts name the page without a link
   */
  readonly repository?: string;
}

/**
 * Metrics, alerts, SLOs and dashboard of one environment. Uses only resource names, so it waits for no resource except
 * Composer: Cloud Monitoring refuses alerts and objectives on a log-based metric until minutes after the metric's
 * creation, and Composer's creation takes longer than that.
 */
export class Observability extends Construct {
  readonly emailChannels: EmailChannels;

  constructor(scope: Construct, id: string, props: ObservabilityProps) {
    super(scope, id);
    const { environment, composer, repository } = props;
    const names = {
      composer: composer.environmentName,
      cluster: props.cluster.clusterName,
      database: `${environment.projectId}:${props.database.instanceName}`,
    };
    this.emailChannels = new EmailChannels(this, "channels", { environment });
    const { metrics } = new LogMetrics(this, "metrics");
    const after = [...metrics, composer.composer];
    const objectives = includesLevel(environment.operations.monitoring, "enhanced")
      ? new Objectives(this, "objectives", { environment, after })
      : undefined;
    new AlertPolicies(this, "alerts", {
      environment,
      alerts: [
        ...pipelineAlerts(environment),
        ...platformAlerts(environment, names),
        ...foresightAlerts(names),
        ...costAndChangeAlerts(environment),
        ...securityAlerts(environment),
        ...streamAlerts(environment),
        ...(objectives ? [objectives.alert()] : []),
      ],
      channels: this.emailChannels.names,
      repository,
      after,
    });
    new MonitoringDashboard(this, "dashboard", {
      dashboardJson: dashboardJson(environment, names, props.warehouse.datasetId),
    });
  }
}

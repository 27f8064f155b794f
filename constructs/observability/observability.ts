import { MonitoringDashboard } from "@cdktf/provider-google/lib/monitoring-dashboard";
import { Construct } from "constructs";
import { Environment } from "../../environments/environment";
import { Database } from "../database/database";
import { Orchestration } from "../orchestration/composer";
import { Processing } from "../processing/spark-cluster";
import { Warehouse } from "../warehouse/warehouse";
import { AlertPolicies, reaches } from "./alert-policies";
import { costAndChangeAlerts } from "./alerts/cost-and-change";
import { dashboardJson } from "./dashboard";
import { EmailChannels } from "./email-channels";
import { LogMetrics } from "./log-metrics";
import { Objectives } from "./objectives";
import { pipelineAlerts } from "./alerts/pipeline";
import { platformAlerts } from "./alerts/platform";

export interface ObservabilityProps {
  readonly environment: Environment;
  readonly database: Database;
  readonly processing: Processing;
  readonly warehouse: Warehouse;
  readonly orchestration: Orchestration;
}

/**
 * What is seen of an environment, and who is told. Names alone are taken from the parts. Alerts and objectives wait for
 * Composer all the same: Cloud Monitoring refuses to hear of a metric from the log until minutes after it was made, and
 * Composer takes longer than that.
 */
export class Observability extends Construct {
  readonly channels: EmailChannels;

  constructor(scope: Construct, id: string, props: ObservabilityProps) {
    super(scope, id);
    const { environment } = props;
    const names = {
      composer: props.orchestration.environmentName,
      cluster: props.processing.clusterName,
      database: `${environment.projectId}:${props.database.instanceName}`,
    };
    this.channels = new EmailChannels(this, "channels", environment);
    const { metrics } = new LogMetrics(this, "metrics");
    const after = [...metrics, props.orchestration.composer];
    const objectives = reaches(environment.operations.monitoring, "enhanced")
      ? new Objectives(this, "objectives", environment, after)
      : undefined;
    new AlertPolicies(this, "alerts", {
      environment,
      alerts: [
        ...pipelineAlerts(environment),
        ...platformAlerts(environment, names),
        ...costAndChangeAlerts(environment),
        ...(objectives ? [objectives.alert()] : []),
      ],
      channels: this.channels.ids,
      after,
    });
    new MonitoringDashboard(this, "dashboard", {
      dashboardJson: dashboardJson(environment, names, props.warehouse.datasetId),
    });
  }
}

import {
  MonitoringAlertPolicy,
  MonitoringAlertPolicyConditions,
} from "@cdktf/provider-google/lib/monitoring-alert-policy";
import { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { Environment } from "../../environments/environment";
import { Alert, Condition, includesLevel } from "./alert";

/** A log condition that keeps matching notifies once in this time. */
const RATE_LIMIT = "3600s";
/** An incident without further data closes after this time. */
const AUTO_CLOSE = "86400s";

/** The alert's conditions as Cloud Monitoring's resource has them. */
function conditionsOf(alert: Alert): MonitoringAlertPolicyConditions[] {
  return Object.entries(alert.conditions).map(([displayName, condition]) => ({
    displayName,
    ...converted(condition),
  }));
}

function converted(condition: Condition): Omit<MonitoringAlertPolicyConditions, "displayName"> {
  switch (condition.kind) {
    case "log":
      return { conditionMatchedLog: { filter: condition.filter } };
    case "promql":
      return {
        conditionPrometheusQueryLanguage: {
          query: condition.query,
          duration: `${condition.forSeconds}s`,
          evaluationInterval: "300s",
          // Cloud Monitoring knows a log-based metric only minutes after its creation.
          disableMetricValidation: true,
        },
      };
    case "burn":
      return {
        conditionThreshold: {
          filter: `select_slo_burn_rate("${condition.slo}", "86400s")`,
          comparison: "COMPARISON_GT",
          thresholdValue: condition.above,
          duration: "0s",
        },
      };
    case "threshold": {
      const {
        metric,
        resource,
        where,
        above,
        below,
        forSeconds = 0,
        forecastSeconds,
        reducer,
        missingDataFires,
      } = condition;
      return {
        conditionThreshold: {
          filter: [`metric.type="${metric}"`, `resource.type="${resource}"`, ...(where ? [where] : [])].join(
            " AND ",
          ),
          comparison: above === undefined ? "COMPARISON_LT" : "COMPARISON_GT",
          thresholdValue: above ?? below,
          duration: `${forSeconds}s`,
          aggregations: [
            {
              alignmentPeriod: `${condition.alignSeconds}s`,
              perSeriesAligner: condition.aligner,
              ...(reducer && { crossSeriesReducer: reducer }),
            },
          ],
          ...(forecastSeconds && { forecastOptions: { forecastHorizon: `${forecastSeconds}s` } }),
          ...(missingDataFires && { evaluationMissingData: "EVALUATION_MISSING_DATA_ACTIVE" }),
        },
      };
    }
  }
}

export interface AlertPoliciesProps {
  readonly environment: Pick<Environment, "name" | "operations">;
  readonly alerts: readonly Alert[];
  /** Full names of the notification channels. */
  readonly channels: readonly string[];
  /**
   * Repository that holds the runbooks, `owner/name`.
   * @default - alerts name the page without a link
   */
  readonly repository?: string;
  /** Resources that must exist before a policy, such as the metrics that it names. */
  readonly after: readonly ITerraformDependable[];
}

/** The alerts that the environment's monitoring level includes; each notifies every channel. */
export class AlertPolicies extends Construct {
  constructor(scope: Construct, id: string, props: AlertPoliciesProps) {
    super(scope, id);
    const { environment, channels, repository, after } = props;
    const { monitoring } = environment.operations;
    for (const alert of props.alerts.filter(({ minimumLevel }) => includesLevel(monitoring, minimumLevel))) {
      const page = `docs/runbooks/${alert.runbook}.md`;
      const url = repository && `https://github.com/${repository}/blob/main/${page}`;
      const matchesLog = Object.values(alert.conditions).some(({ kind }) => kind === "log");
      new MonitoringAlertPolicy(this, alert.id, {
        displayName: `sales ${environment.name}: ${alert.title}`,
        combiner: "OR",
        severity: alert.severity,
        conditions: conditionsOf(alert),
        notificationChannels: [...channels],
        documentation: {
          subject: `[${environment.name}] ${alert.title}`,
          content: `${alert.description}\n\nWhat to do: ${url ? `[${alert.runbook}](${url})` : page}`,
          mimeType: "text/markdown",
          ...(url && { links: [{ displayName: `Runbook ${alert.runbook}`, url }] }),
        },
        alertStrategy: {
          autoClose: AUTO_CLOSE,
          // The API requires a rate limit with a log condition and refuses one with any other.
          ...(matchesLog && { notificationRateLimit: { period: RATE_LIMIT } }),
        },
        dependsOn: [...after],
      });
    }
  }
}

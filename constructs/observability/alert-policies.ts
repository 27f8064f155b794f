import {
  MonitoringAlertPolicy,
  MonitoringAlertPolicyConditions,
} from "@cdktf/provider-google/lib/monitoring-alert-policy";
import { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { ci } from "../../environments/ci";
import { Environment, MonitoringLevel } from "../../environments/environment";

/** When an alert fires. */
export type Condition =
  | {
      readonly kind: "threshold";
      readonly metric: string;
      readonly resource: string;
      /** Further terms of the filter. */
      readonly where?: string;
      readonly above?: number;
      readonly below?: number;
      /** Seconds over which points are brought together. */
      readonly every: number;
      /** How they are. */
      readonly aligner: string;
      /** How time series are brought together; without it each is judged alone. */
      readonly reducer?: "REDUCE_SUM" | "REDUCE_MAX" | "REDUCE_MIN";
      /** Seconds for which it must hold. */
      readonly lasts?: number;
      /** Whether silence counts as a violation. */
      readonly silenceFires?: boolean;
    }
  | { readonly kind: "promql"; readonly query: string; readonly lasts: number }
  /** One line of the log that matches. */
  | { readonly kind: "log"; readonly filter: string }
  /** An SLO's budget of errors is used up this many times as fast as it may be, over the last day. */
  | { readonly kind: "burn"; readonly slo: string; readonly above: number };

export interface Alert {
  /** Part of the resource's id and, with the environment, the policy's name. */
  readonly id: string;
  readonly title: string;
  /** Least level of monitoring at which it is made. */
  readonly from: MonitoringLevel;
  readonly severity: "CRITICAL" | "ERROR" | "WARNING";
  /** What it means to users, in one or two sentences. */
  readonly meaning: string;
  /** Page of docs/runbooks, without `.md`. */
  readonly runbook: string;
  /** Any of them fires it, by what it says. One of PromQL or of a log stands alone: the API takes no other beside it. */
  readonly conditions: Readonly<Record<string, Condition>>;
}

const LEVELS: readonly MonitoringLevel[] = ["basic", "enhanced", "full"];

/** Whether an environment of `level` has what is there from `from` on. */
export const reaches = (level: MonitoringLevel, from: MonitoringLevel): boolean =>
  LEVELS.indexOf(level) >= LEVELS.indexOf(from);

/** A log match that repeats is told once in this time. */
const RATE_LIMIT = "3600s";
/** An incident whose metric falls silent closes by itself. */
const AUTO_CLOSE = "86400s";

/** One alert as Cloud Monitoring takes it. */
export function conditionsOf(alert: Alert): MonitoringAlertPolicyConditions[] {
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
          duration: `${condition.lasts}s`,
          evaluationInterval: "300s",
          // A metric from the log is known to Cloud Monitoring only minutes after it was made.
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
      const { metric, resource, where, above, below, lasts = 0, reducer, silenceFires } = condition;
      return {
        conditionThreshold: {
          filter: [`metric.type="${metric}"`, `resource.type="${resource}"`, ...(where ? [where] : [])].join(
            " AND ",
          ),
          comparison: above === undefined ? "COMPARISON_LT" : "COMPARISON_GT",
          thresholdValue: above ?? below,
          duration: `${lasts}s`,
          aggregations: [
            {
              alignmentPeriod: `${condition.every}s`,
              perSeriesAligner: condition.aligner,
              ...(reducer && { crossSeriesReducer: reducer }),
            },
          ],
          ...(silenceFires && { evaluationMissingData: "EVALUATION_MISSING_DATA_ACTIVE" }),
        },
      };
    }
  }
}

export interface AlertPoliciesProps {
  readonly environment: Environment;
  readonly alerts: readonly Alert[];
  /** Ids of the notification channels. */
  readonly channels: readonly string[];
  /** Metrics that a policy may name only once they exist. */
  readonly after: readonly ITerraformDependable[];
}

/** The alerts that the environment's level of monitoring asks for, each told to every channel. */
export class AlertPolicies extends Construct {
  constructor(scope: Construct, id: string, props: AlertPoliciesProps) {
    super(scope, id);
    const { environment, channels, after } = props;
    const { monitoring } = environment.operations;
    for (const alert of props.alerts.filter(({ from }) => reaches(monitoring, from))) {
      const page = `https://github.com/${ci.repository}/blob/main/docs/runbooks/${alert.runbook}.md`;
      const matchesLog = Object.values(alert.conditions).some(({ kind }) => kind === "log");
      new MonitoringAlertPolicy(this, alert.id, {
        displayName: `sales ${environment.name}: ${alert.title}`,
        combiner: "OR",
        severity: alert.severity,
        conditions: conditionsOf(alert),
        notificationChannels: [...channels],
        documentation: {
          subject: `[${environment.name}] ${alert.title}`,
          content: `${alert.meaning}\n\nWhat to do: [${alert.runbook}](${page})`,
          mimeType: "text/markdown",
          links: [{ displayName: `Runbook ${alert.runbook}`, url: page }],
        },
        alertStrategy: {
          autoClose: AUTO_CLOSE,
          // The API takes a rate limit for log matches, demands it there, and refuses it elsewhere.
          ...(matchesLog && { notificationRateLimit: { period: RATE_LIMIT } }),
        },
        dependsOn: [...after],
      });
    }
  }
}

import { MonitoringLevel } from "../../environments/environment";

/** Condition that fires an alert. */
export type Condition =
  | {
      readonly kind: "threshold";
      readonly metric: string;
      readonly resource: string;
      /**
       * Further terms of the filter.
       * @default - every time series of the metric and resource
       */
      readonly where?: string;
      /** Fires above this value; set this or {@link below}. */
      readonly above?: number;
      /** Fires below this value. */
      readonly below?: number;
      /** Seconds over which the points of one time series are combined. */
      readonly alignSeconds: number;
      /** Function that combines them. */
      readonly aligner: string;
      /**
       * Function that combines time series.
       * @default - each time series is judged alone
       */
      readonly reducer?: "REDUCE_SUM" | "REDUCE_MAX" | "REDUCE_MIN";
      /**
       * Seconds for which the condition must hold.
       * @default 0
       */
      readonly forSeconds?: number;
      /**
       * Seconds ahead, 1 to 60 hours: fires where the forecast of the time series violates the limit within them.
       * https://docs.cloud.google.com/monitoring/alerts/metric-forecast
       * @default - the measured values are compared
       */
      readonly forecastSeconds?: number;
      /**
       * Whether missing data fires the alert.
       * @default false
       */
      readonly missingDataFires?: boolean;
    }
  | { readonly kind: "promql"; readonly query: string; readonly forSeconds: number }
  /** One matching log entry fires it. */
  | { readonly kind: "log"; readonly filter: string }
  /** Over the last day, the error budget of an SLO was used `above` times as fast as it may be. */
  | { readonly kind: "burn"; readonly slo: string; readonly above: number };

export interface Alert {
  /** Id of the construct. */
  readonly id: string;
  /** Name of the policy, after `sales <environment>: `. */
  readonly title: string;
  /** Lowest monitoring level that includes this alert. */
  readonly minimumLevel: MonitoringLevel;
  readonly severity: "CRITICAL" | "ERROR" | "WARNING";
  /** Its meaning for users, in one or two sentences. */
  readonly description: string;
  /** Page of docs/runbooks, without `.md`. */
  readonly runbook: string;
  /**
   * Any condition fires the alert; the key is its display name. The API allows a PromQL or log condition only as the sole
   * condition.
   */
  readonly conditions: Readonly<Record<string, Condition>>;
}

const LEVELS: readonly MonitoringLevel[] = ["basic", "enhanced", "full"];

/** Whether monitoring level `level` includes alerts of `minimum`. */
export const includesLevel = (level: MonitoringLevel, minimum: MonitoringLevel): boolean =>
  LEVELS.indexOf(level) >= LEVELS.indexOf(minimum);

import { MonitoringCustomService } from "@cdktf/provider-google/lib/monitoring-custom-service";
import { MonitoringSlo } from "@cdktf/provider-google/lib/monitoring-slo";
import { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { Environment } from "../../environments/environment";
import { resourceName } from "../../environments/naming";
import { Alert } from "./alert-policies";
import { LOG_METRICS, LogMetricName, metricType } from "./log-metrics";

/** Days over which an objective is judged. */
export const ROLLING_DAYS = 28;
/** Budget used up so many times as fast as it may be: a day like this costs five days' worth. */
export const FAST_BURN = 5;

const series = (metric: LogMetricName, where?: string): string =>
  [
    `metric.type="${metricType(metric)}"`,
    `resource.type="${LOG_METRICS[metric].resource}"`,
    ...(where === undefined ? [] : [where]),
  ].join(" ");

const ended = series("runs", 'metric.label.status!="failed"');

/** See docs/platform/monitoring.md, which says the same to people. */
export const OBJECTIVES = {
  success: {
    title: "runs that end well",
    goal: 0.95,
    good: ended,
    bad: series("runs", 'metric.label.status="failed"'),
  },
  freshness: { title: "days on time", goal: 0.95, good: ended, bad: series("late") },
} as const;

/**
 * The objectives as Cloud Monitoring counts them. The share of quarantined lines is none of them: a ratio there takes
 * counters alone, and lines are counted in distributions; the alert on it computes it.
 */
export class Objectives extends Construct {
  private readonly slos = new Map<string, MonitoringSlo>();

  constructor(
    scope: Construct,
    id: string,
    private readonly environment: Environment,
    after: readonly ITerraformDependable[],
  ) {
    super(scope, id);
    const service = new MonitoringCustomService(this, "pipeline", {
      serviceId: resourceName(environment.name, "pipeline"),
      displayName: `sales ${environment.name}: daily pipeline`,
    });
    for (const [name, { title, goal, good, bad }] of Object.entries(OBJECTIVES)) {
      this.slos.set(
        name,
        new MonitoringSlo(this, name, {
          service: service.serviceId,
          sloId: name,
          displayName: `${goal * 100} % ${title}, over ${ROLLING_DAYS} days`,
          goal,
          rollingPeriodDays: ROLLING_DAYS,
          requestBasedSli: { goodTotalRatio: { goodServiceFilter: good, badServiceFilter: bad } },
          dependsOn: [...after],
        }),
      );
    }
  }

  /** Fires when an objective will not be kept at the rate of the last day. */
  alert(): Alert {
    return {
      id: "burn-rate",
      title: "an objective will not be kept",
      from: "full",
      severity: "ERROR",
      meaning: `In the last day ${this.environment.name} used up its budget of failures ${FAST_BURN} times as fast as it may; docs/platform/monitoring.md says what is promised.`,
      runbook: "late-run",
      conditions: Object.fromEntries(
        [...this.slos].map(([name, slo]) => [
          `${name}: budget burns ${FAST_BURN} times too fast`,
          { kind: "burn" as const, slo: slo.name, above: FAST_BURN },
        ]),
      ),
    };
  }
}

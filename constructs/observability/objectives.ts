import { MonitoringCustomService } from "@cdktf/provider-google/lib/monitoring-custom-service";
import { MonitoringSlo } from "@cdktf/provider-google/lib/monitoring-slo";
import { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { Environment } from "../../environments/environment";
import { resourceName } from "../../environments/naming";
import { Alert } from "./alert";
import { LOG_METRICS, LogMetricName, metricType } from "./log-metrics";

/** Period of every objective. */
export const ROLLING_DAYS = 28;
/** Rate at which the error budget may not be used: a day at this rate uses the budget of five days. */
const FAST_BURN = 5;

const series = (metric: LogMetricName, where?: string): string =>
  [
    `metric.type="${metricType(metric)}"`,
    `resource.type="${LOG_METRICS[metric].resource}"`,
    ...(where === undefined ? [] : [where]),
  ].join(" ");

const finished = series("runs", 'metric.label.status!="failed"');

/** docs/platform/monitoring.md describes them; a test holds the page to this. */
export const OBJECTIVES = {
  success: {
    title: "runs that end well",
    goal: 0.95,
    good: finished,
    bad: series("runs", 'metric.label.status="failed"'),
  },
  freshness: { title: "days on time", goal: 0.95, good: finished, bad: series("late") },
} as const;

export interface ObjectivesProps {
  readonly environment: Pick<Environment, "name">;
  /** Resources that must exist before an objective, such as the metrics that it names. */
  readonly after: readonly ITerraformDependable[];
}

/**
 * The objectives, as Cloud Monitoring measures them. The share of quarantined lines is not among them: an objective needs
 * counters, and lines are counted in distributions. The DAG computes the share and compares it with the limit.
 */
export class Objectives extends Construct {
  private readonly slos = new Map<string, MonitoringSlo>();

  constructor(
    scope: Construct,
    id: string,
    private readonly props: ObjectivesProps,
  ) {
    super(scope, id);
    const { environment, after } = props;
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

  /** Alert that fires when the last day used the error budget of an objective too fast. */
  alert(): Alert {
    return {
      id: "burn-rate",
      title: "an objective will not be kept",
      minimumLevel: "full",
      severity: "ERROR",
      description: `In the last day ${this.props.environment.name} used up its budget of failures ${FAST_BURN} times as fast as it may; docs/platform/monitoring.md says what is promised.`,
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

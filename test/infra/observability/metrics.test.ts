import { environments } from "../../../environments";
import { at, Attributes, Plan } from "../support/fixture";
import { ALIGNERS, MetricFacts, METRICS, RESOURCES } from "../support/metric-facts";
import { synthesizedStacks } from "../support/synthesized-stacks";

const { plan } = synthesizedStacks();

interface Selected {
  readonly filter: string;
  readonly aligner: string;
  readonly period: string;
  readonly groups: readonly string[];
}

/** Every time series that a filter of the stack's alerts and dashboard selects. */
function selected(stack: Plan): Selected[] {
  const found: Selected[] = [];
  const add = (filter: unknown, aggregation: unknown, style: (name: string) => string): void => {
    if (typeof filter !== "string" || !filter.includes("metric.type=")) return;
    found.push({
      filter,
      aligner: String(at(aggregation, style("per_series_aligner"))),
      period: String(at(aggregation, style("alignment_period"))),
      groups: (at(aggregation, style("group_by_fields")) ?? []) as string[],
    });
  };
  for (const policy of stack.all("google_monitoring_alert_policy")) {
    for (const one of policy.conditions as Attributes[]) {
      add(at(one, "condition_threshold.filter"), at(one, "condition_threshold.aggregations"), (name) => name);
    }
  }
  const camel = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  JSON.parse(String(stack.only("google_monitoring_dashboard").dashboard_json), (_, value: unknown) => {
    add(at(value, "filter"), at(value, "aggregation"), camel);
    return value;
  });
  return found;
}

/** Facts of a log-based metric, which the stack declares itself. */
function declared(stack: Plan, type: string, resource: string): MetricFacts | undefined {
  const metric = stack
    .all("google_logging_metric")
    .find(({ name }) => type === `logging.googleapis.com/user/${String(name)}`);
  if (!metric) return undefined;
  const labels = (at(metric, "metric_descriptor.labels") ?? []) as { key: string }[];
  return {
    kind: at(metric, "metric_descriptor.metric_kind") as "DELTA",
    value: at(metric, "metric_descriptor.value_type") as "INT64",
    // Its time series have the resource of the log entries that it counts.
    resource: String(metric.filter).includes(`resource.type="${resource}"`) ? resource : "another",
    labels: Object.fromEntries(labels.map(({ key }) => [key, "any"])),
  };
}

describe.each(environments)("metrics of $name", ({ name }) => {
  const stack = plan(name);

  test.each(selected(stack).map((one) => [one.filter, one] as const))("%s", (filter, one) => {
    const [, type = ""] = /metric\.type="([^"]+)"/.exec(filter) ?? [];
    const [, resource = ""] = /resource\.type="([^"]+)"/.exec(filter) ?? [];
    const facts = METRICS[type] ?? declared(stack, type, resource);
    if (!facts) throw new Error(`${type}: unknown metric, look it up and add it to metric-facts.ts`);
    expect(resource).toBe(facts.resource);

    const terms = [...filter.matchAll(/(metric|resource)\.label\.(\w+)!?="([^"]+)"/g)];
    const groups = one.groups.map((field) => /^(metric|resource)\.label\.(\w+)$/.exec(field) ?? [field]);
    for (const [, of, label = "", value] of [...terms, ...groups]) {
      if (of === "resource") expect(RESOURCES[resource]).toContain(label);
      else expect(Object.keys(facts.labels)).toContain(label);
      const values = of === "metric" ? facts.labels[label] : "any";
      if (value !== undefined && values !== "any") expect(values).toContain(value);
    }

    expect([one.aligner, ALIGNERS[one.aligner]?.(facts)]).toEqual([one.aligner, true]);
    expect(Number.parseInt(one.period) % 60).toBe(0);
  });
});

test("every metric of metric-facts.ts is used", () => {
  const filters = selected(plan("prod")).map(({ filter }) => filter);
  const idle = Object.keys(METRICS).filter((type) => !filters.some((filter) => filter.includes(`"${type}"`)));
  expect(idle).toEqual([]);
});

test("names in PromQL are those of log-based metrics, with _sum for a distribution", () => {
  const stack = plan("prod");
  const metrics = new Map(
    stack
      .all("google_logging_metric")
      .map((metric) => [String(metric.name), at(metric, "metric_descriptor.value_type")]),
  );
  const text = JSON.stringify([...stack.resources].filter(([one]) => one.startsWith("google_monitoring_")));
  const names = [...text.matchAll(/(\w+:user_\w+)\{/g)].map(([, promql = ""]) => promql);
  expect(new Set(names)).toEqual(new Set(["logging_googleapis_com:user_sales_pipeline_runs"]));
  for (const promql of names) {
    const [, metric = "", sum] = /^logging_googleapis_com:user_(\w+?)(_sum)?$/.exec(promql) ?? [];
    expect([promql, metrics.get(metric)]).toEqual([promql, sum === undefined ? "INT64" : "DISTRIBUTION"]);
  }
});

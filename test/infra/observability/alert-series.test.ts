import { environments } from "../../../environments";
import { at, Attributes } from "../support/fixture";
import { synthesizedStacks } from "../support/synthesized-stacks";

/**
 * The alerts on the DAG's events, on series like the real ones: one point a day. Evaluated by the definitions of Cloud
 * Monitoring's aligners and of Prometheus' functions over ranges.
 */
const { plan } = synthesizedStacks();
const HOUR = 3600;
const DAY = 24 * HOUR;

/** Seconds at which a run ended. */
type Series = readonly number[];

const conditionOf = (environment: string, title: string): Attributes => {
  const policy = plan(environment)
    .all("google_monitoring_alert_policy")
    .find(({ display_name: name }) => String(name) === `sales ${environment}: ${title}`);
  const [condition, ...more] = (policy?.conditions ?? []) as Attributes[];
  if (!condition || more.length > 0) throw new Error(`${environment}: ${title}: not one condition`);
  return condition;
};

/** A counter of log entries: a DELTA point where there is an entry, and no point elsewhere. */
function thresholdFires(condition: unknown, points: Series, now: number): boolean {
  const aggregation = (key: string): unknown => at(condition, `condition_threshold.aggregations.${key}`);
  expect(aggregation("per_series_aligner")).toBe("ALIGN_SUM");
  const period = parseInt(String(aggregation("alignment_period")));
  const aligned = points.filter((point) => point > now - period && point <= now).length;
  expect(at(condition, "condition_threshold.comparison")).toBe("COMPARISON_GT");
  // Without a point there is no value, and nothing to compare.
  return aligned > 0 && aligned > Number(at(condition, "condition_threshold.threshold_value"));
}

const seconds = (range: string): number => parseInt(range) * (range.endsWith("d") ? DAY : HOUR);

/** `sum(present_over_time(x[A])) unless sum(present_over_time(x[B]))`: a point in A, and none in B. */
function silenceFires(condition: unknown, points: Series, now: number): boolean {
  const query = String(at(condition, "condition_prometheus_query_language.query"));
  const [, long = "", short = ""] =
    /^sum\(present_over_time\([^[\]]+\[(\w+)\]\)\) unless sum\(present_over_time\([^[\]]+\[(\w+)\]\)\)$/.exec(
      query,
    ) ?? [];
  expect([long, short]).not.toContain("");
  const present = (range: string): boolean =>
    points.some((point) => point > now - seconds(range) && point <= now);
  return present(long) && !present(short);
}

describe.each(environments)("$name", ({ name, notifications, operations }) => {
  const percent = Math.round(operations.maximumQuarantineShare * 1000) / 10;
  const share = conditionOf(name, `more than ${percent} % of a run's lines are bad`);
  const silent = conditionOf(name, "no run ends");
  /** A run a day at six o'clock; the day before yesterday's had too many bad lines. */
  const ends = [0, 1, 2, 3].map((day) => day * DAY + 6 * HOUR);
  const exceeded = ends.slice(1, 2);

  test("a run with too many bad lines fires once, and no other run does", () => {
    const fired = ends.filter((end) => thresholdFires(share, exceeded, end + 60));
    expect(fired).toEqual(exceeded);
    expect(thresholdFires(share, exceeded, (ends[1] ?? 0) + 2 * HOUR)).toBe(false);
  });

  test("silence fires after the hours that a day may take, not before, and not again after a week", () => {
    const last = Math.max(...ends);
    const limit = (24 + notifications.deadlineHours) * HOUR;
    expect(silenceFires(silent, ends, last + limit - 60)).toBe(false);
    expect(silenceFires(silent, ends, last + limit + 60)).toBe(true);
    expect(silenceFires(silent, ends, last + 7 * DAY - 60)).toBe(true);
  });

  test("silence does not fire between runs, or in an environment that has never run", () => {
    const halfHours = Array.from({ length: 2 * 24 * 3 }, (_, step) => 6 * HOUR + step * 1800);
    expect(halfHours.filter((now) => silenceFires(silent, ends, now))).toEqual([]);
    expect(silenceFires(silent, [], 5 * DAY)).toBe(false);
  });

  test("a day at its deadline after one that ended at once is no silence", () => {
    const late = [6 * HOUR, 6 * HOUR + DAY + notifications.deadlineHours * HOUR];
    const between = Array.from({ length: 100 }, (_, step) => 6 * HOUR + step * 1200).filter(
      (now) => now < (late[1] ?? 0),
    );
    expect(between.filter((now) => silenceFires(silent, late, now))).toEqual([]);
  });
});

import { advise } from "../../cost/advice/advisers";
import { costOf, History, Run, TableUse } from "../../cost/advice/history";
import { Plan, planOf } from "../../cost/advice/plan";
import { historyOf } from "../../cost/advice/raw-history";
import { StackJson } from "../../cost/synthesized-stack";

/** A run a day from 2026-03-01, 04:00 UTC, of so many hours. */
const daily = (count: number, hours: number, failed = 0): Run[] =>
  Array.from({ length: count }, (_, day) => {
    const startedAt = new Date(Date.UTC(2026, 2, 1 + day, 4));
    return {
      status: day < failed ? "failed" : "done",
      startedAt,
      finishedAt: new Date(startedAt.getTime() + hours * 3_600_000),
    };
  });

const history = (runs: Run[], tables: TableUse[] = [], tableDays = 90): History => ({
  runs,
  tables,
  tableDays,
});

const PLAN: Plan = {
  environment: "test",
  stage: "production",
  cluster: {
    standing: false,
    primaryWorkers: 2,
    hours: 60,
    usdPerHour: 2,
    usdPerWorkerHour: 0.5,
    usdPerSpotWorkerHour: 0.2,
  },
  database: { hours: 730, usdPerHour: 0.25 },
  deadlineHours: 6,
  tables: [
    { name: "sales_lines", partitioned: true, filtered: true },
    { name: "daily_sales_summary", partitioned: true, filtered: false },
    { name: "daily_profile", partitioned: false, filtered: false },
  ],
};
const cluster = (changed: Partial<Plan["cluster"]>): Plan => ({
  ...PLAN,
  cluster: { ...PLAN.cluster, ...changed },
});
const use = (table: string, changed: Partial<TableUse> = {}): TableUse => ({
  table,
  gib: 10,
  queries: 20,
  fullQueries: 0,
  fullTib: 0,
  ...changed,
});

/** Change and sum of each advice. */
const given = (plan: Plan, known: History): [string, number][] =>
  advise(plan, known).map(({ change, usdPerMonth }) => [change, Number(usdPerMonth.toFixed(2))]);

test("an environment that fits its runs gets no advice", () => {
  expect(given(PLAN, history(daily(30, 1)))).toEqual([]);
});

test("a cluster that stands and works an hour a day is to be stopped between runs", () => {
  // 730 / 24 days a month x (1 + 0.25) hours = 38.02; (730 - 38.02) x 2 USD = 1383.96.
  expect(given(cluster({ standing: true, hours: 730 }), history(daily(30, 1)))).toEqual([
    ["environments/test.ts: processing.standing: false", 1383.96],
  ]);
  // 14 of 24 hours: it works most of the time.
  expect(
    given({ ...cluster({ standing: true, hours: 730 }), deadlineHours: 24 }, history(daily(30, 14))),
  ).toEqual([]);
});

test("runs near their deadline need a worker more", () => {
  // 5 of 6 hours; 0.50 USD x 60 hours.
  expect(given(PLAN, history(daily(30, 5)))).toEqual([
    ["environments/test.ts: processing.primaryWorkers: 3", -30],
  ]);
  // 4.8 hours are the bound.
  expect(given(PLAN, history(daily(30, 4.8)))).toEqual([]);
});

test("short runs do with the fewest workers", () => {
  // Half an hour with six workers is an hour and a half with two, a quarter of six hours; 4 x 0.50 x 60.
  expect(given(cluster({ primaryWorkers: 6 }), history(daily(30, 0.5)))).toEqual([
    ["environments/test.ts: processing.primaryWorkers: 2", 120],
  ]);
});

test("workers beyond two may be spot workers where runs need them and seldom fail", () => {
  // 4 x (0.50 - 0.20) x 60 hours.
  const plan = cluster({ primaryWorkers: 6 });
  const change = "environments/test.ts: processing.primaryWorkers: 2, and 4 more spotWorkers";
  expect(given(plan, history(daily(40, 2)))).toEqual([[change, 72]]);
  expect(given(plan, history(daily(40, 2, 2)))).toEqual([[change, 72]]);
  // More than 5 of 100 failed.
  expect(given(plan, history(daily(40, 2, 3)))).toEqual([]);
});

test("a database outside production that always runs gets office hours around the runs", () => {
  // Runs from 4 to 6 o'clock: open from 3 to 7, 20 of 24 hours closed; 730 x 20 / 24 x 0.25 USD = 152.08.
  const development: Plan = { ...PLAN, stage: "development" };
  expect(given(development, history(daily(30, 2)))).toEqual([
    ["environments/test.ts: officeHours from 3:00 to 7:00 UTC", 152.08],
  ]);
  expect(
    given({ ...development, database: { hours: 300, usdPerHour: 0.25 } }, history(daily(30, 2))),
  ).toEqual([]);
  // A run over midnight.
  const late = daily(1, 21).map((run) => ({ ...run, startedAt: new Date(Date.UTC(2026, 2, 1, 5)) }));
  expect(given(development, history([...late, ...daily(30, 2)]))).toEqual([]);
});

test("a partitioned table that is read as a whole needs a filter", () => {
  const found = given(
    PLAN,
    history(daily(30, 1), [
      // 9 TiB in 90 days: 3.0417 TiB a month at 6.25 USD.
      use("daily_sales_summary", { queries: 40, fullQueries: 30, fullTib: 9 }),
      // A filter is asked for already; too few queries; no partitions.
      use("sales_lines", { fullQueries: 30, fullTib: 9 }),
      use("daily_profile", { fullQueries: 30, fullTib: 9 }),
    ]),
  );
  expect(found).toEqual([
    ['pyspark-jobs/sales_job/tables/published/daily_sales_summary.json: "filter_required": true', 19.01],
  ]);
  expect(
    given(PLAN, history(daily(30, 1), [use("daily_sales_summary", { fullQueries: 9, fullTib: 9 })])),
  ).toEqual([]);
});

test("a table that nobody reads for a quarter is named with what it costs", () => {
  // 100 GiB at 0.02 USD; the other is not of the platform.
  const tables = [
    use("daily_profile", { queries: 0, gib: 100 }),
    use("my_own_table", { queries: 0, gib: 100 }),
    use("sales_lines"),
  ];
  expect(given(PLAN, history(daily(30, 1), tables))).toEqual([
    ["remove the table daily_profile, or let its partitions expire", 2],
  ]);
  expect(given(PLAN, history(daily(30, 1), tables, 89))).toEqual([]);
});

test.each([
  ["no run", []],
  ["19 runs", daily(19, 5.9)],
  ["less than 28 days", daily(27, 5.9)],
])("%s: nothing is said", (_, runs) => {
  const plan = { ...cluster({ standing: true, primaryWorkers: 6 }), stage: "development" as const };
  expect(given(plan, { runs })).toEqual([]);
});

test("the largest saving comes first", () => {
  const plan = { ...cluster({ primaryWorkers: 6 }), stage: "staging" as const };
  expect(given(plan, history(daily(30, 2))).map(([, usd]) => usd)).toEqual([152.08, 72]);
});

test("rows are read as bq and as Python write them", () => {
  const { runs, tables } = historyOf({
    runs: [
      { status: "done", started_at: "2026-03-01 04:00:00", finished_at: "2026-03-01 05:30:00.5" },
      {
        status: "failed",
        started_at: "2026-03-02 04:00:00.123456+00:00",
        finished_at: "2026-03-02T04:10:00Z",
      },
    ],
    tables: [{ table_name: "stores", gib: "0.5", queries: "3", full_queries: "1", full_tib: "0.25" }],
    tableDays: 90,
  });
  expect(
    runs.map(({ startedAt, finishedAt }) => [startedAt.toISOString(), finishedAt.toISOString()]),
  ).toEqual([
    ["2026-03-01T04:00:00.000Z", "2026-03-01T05:30:00.500Z"],
    ["2026-03-02T04:00:00.123Z", "2026-03-02T04:10:00.000Z"],
  ]);
  expect(tables).toEqual([{ table: "stores", gib: 0.5, queries: 3, fullQueries: 1, fullTib: 0.25 }]);
});

test("what the jobs of the runs cost, where it is known: 0.40 and 1.25 are 1.65", () => {
  const times = { status: "done", started_at: "2026-03-01 04:00:00", finished_at: "2026-03-01 05:00:00" };
  const of = (...usd: (string | number | null)[]) =>
    costOf(historyOf({ runs: usd.map((cost_usd) => ({ ...times, cost_usd })) }));
  expect(of("0.4", null, 1.25, 0)).toEqual({ runs: 3, usd: 1.65 });
  expect(of(null)).toBeUndefined();
  expect(costOf({ runs: daily(3, 1) })).toBeUndefined();
});

test("a plan is read from a stack", () => {
  const stack: StackJson = {
    resource: {
      google_dataproc_cluster: {
        c: {
          cluster_config: {
            master_config: { machine_type: "n2-standard-8", num_instances: 1 },
            worker_config: { machine_type: "n2-highmem-8", num_instances: 3 },
          },
        },
      },
      google_sql_database_instance: {
        d: { name: "d", settings: { tier: "db-custom-4-16384", availability_type: "REGIONAL" } },
      },
      google_composer_environment: {
        e: {
          config: { software_config: { env_variables: { DEADLINE_HOURS: "6", CLUSTER_STANDING: "yes" } } },
        },
      },
      google_bigquery_table: {
        t: { table_id: "sales_lines", time_partitioning: { type: "DAY" }, require_partition_filter: true },
        u: { table_id: "daily_profile" },
      },
    },
  };
  const plan = planOf("prod", "production", stack);
  // n2-highmem-8: 8 x 0.031611 + 64 x 0.004237 + 8 x 0.01; spot: 8 x 0.0111 + 64 x 0.00148 + 8 x 0.01.
  expect(plan.cluster.usdPerWorkerHour).toBeCloseTo(0.604056, 6);
  expect(plan.cluster.usdPerSpotWorkerHour).toBeCloseTo(0.26352, 6);
  // n2-standard-8, the master: 8 x 0.031611 + 32 x 0.004237 + 8 x 0.01.
  expect(plan.cluster.usdPerHour).toBeCloseTo(0.468472 + 3 * 0.604056, 6);
  expect([plan.cluster.hours, plan.cluster.primaryWorkers, plan.cluster.standing]).toEqual([730, 3, true]);
  // Two nodes of 4 vCPU and 16 GiB: 2 x (4 x 0.0413 + 16 x 0.007).
  expect(plan.database.hours).toBe(730);
  expect(plan.database.usdPerHour).toBeCloseTo(0.5544, 6);
  expect(plan.deadlineHours).toBe(6);
  expect(plan.tables).toEqual([
    { name: "sales_lines", partitioned: true, filtered: true },
    { name: "daily_profile", partitioned: false, filtered: false },
  ]);
});

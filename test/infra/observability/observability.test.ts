import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { COLUMNS } from "../../../constructs/observability/dashboard-widgets";
import { OBJECTIVES, ROLLING_DAYS } from "../../../constructs/observability/objectives";
import { environments } from "../../../environments";
import { at, Attributes, Plan } from "../support/fixture";
import { synthesizedStacks } from "../support/synthesized-stacks";

const { plan } = synthesizedStacks();
const ROOT = join(__dirname, "../../..");

type Conditions = readonly Attributes[];

const policies = (stack: Plan): Map<string, Attributes> =>
  new Map(
    stack
      .all("google_monitoring_alert_policy")
      .map((policy) => [String(policy.display_name).replace(/^sales \w+: /, ""), policy]),
  );

/** Filters and queries of all conditions, as one text. */
function queries(policy: Attributes | undefined): string {
  return ((policy?.conditions ?? []) as Conditions)
    .map((one) =>
      String(
        at(one, "condition_threshold.filter") ??
          at(one, "condition_matched_log.filter") ??
          at(one, "condition_prometheus_query_language.query"),
      ),
    )
    .join("\n");
}

const BASIC = [
  "Composer is unhealthy",
  "a Dataproc job failed",
  "messages of sales cannot be written",
  "more than 4 % of a run's lines are bad",
  "no run ends",
  "the cluster was left running",
  "the pipeline failed",
  "the pipeline is late",
  "the stream of sales is behind",
];
const ENHANCED = [
  "BigQuery jobs fail",
  "a backup of the database failed",
  "a message could not be sent",
  "a quota will be used up",
  "a restore drill failed",
  "access was changed by hand",
  "an account reads far more than it used to",
  "the cluster has no healthy node, or too little memory",
  "the database is near a limit",
  "the database password was not rotated",
  "the database's disk will be full",
  "the firewall was changed by hand",
  "the job refused its input",
];
const FULL = [
  "BigQuery reads or computes unusually much",
  "Cloud NAT runs out of ports",
  "an objective will not be kept",
  "the database replica lags",
];

const WANTED = {
  basic: BASIC,
  enhanced: [...BASIC, ...ENHANCED],
  full: [...BASIC, ...ENHANCED, ...FULL],
};

test.each(environments)("$name has the alerts of its monitoring level", ({ name, operations, warehouse }) => {
  const share = operations.maximumQuarantineShare * 100;
  const titles = WANTED[operations.monitoring].map((title) => title.replace("than 4 %", `than ${share} %`));
  if (warehouse.scans) titles.push("a scan of the tables found a fault");
  if (warehouse.crossRegion) titles.push("the figures were not copied to the recovery region");
  expect([...policies(plan(name)).keys()].sort()).toEqual(titles.sort());
});

/** Metrics and terms in each alert of prod, by the names of Google's documentation. */
const EXPECTED_TERMS: Readonly<Record<string, readonly string[]>> = {
  "the pipeline failed": ["logging.googleapis.com/user/sales_pipeline_runs", 'metric.label.status="failed"'],
  "the pipeline is late": ["logging.googleapis.com/user/sales_deadlines_missed"],
  "messages of sales cannot be written": [
    "pubsub.googleapis.com/subscription/dead_letter_message_count",
    'subscription_id="sales-prod-stream"',
  ],
  "the stream of sales is behind": [
    "pubsub.googleapis.com/subscription/oldest_unacked_message_age",
    'subscription_id="sales-prod-stream"',
    'subscription_id="sales-prod-stream-dead-letters"',
  ],
  "the cluster was left running": [
    "logging.googleapis.com/user/sales_services_left_running",
    'dataproc.googleapis.com/cluster/yarn/nodemanagers" AND',
  ],
  "no run ends": [
    // A day may end at its deadline, 6 hours after the run's hour, and the day before at once: 24 + 6.
    'user_sales_pipeline_runs{monitored_resource="cloud_composer_environment",status!="failed"}[30h]',
    // An environment that has not run yet is not late.
    'status!="failed"}[7d])) unless',
  ],
  "more than 2 % of a run's lines are bad": ["logging.googleapis.com/user/sales_quarantine_exceeded"],
  "Composer is unhealthy": [
    'composer.googleapis.com/environment/healthy" AND resource.type="cloud_composer_environment',
    "composer.googleapis.com/environment/scheduler_heartbeat_count",
    'environment_name="sales-prod-composer-g1"',
  ],
  "a Dataproc job failed": ["dataproc.googleapis.com/cluster/job/failed_count", "user/sales_job_summaries"],
  "the cluster has no healthy node, or too little memory": [
    'dataproc.googleapis.com/cluster/yarn/nodemanagers" AND',
    'metric.label.status="active"',
    "dataproc.googleapis.com/cluster/yarn/pending_memory_size",
    'cluster_name="sales-prod-spark"',
  ],
  "the database is near a limit": [
    "cloudsql.googleapis.com/database/cpu/utilization",
    "cloudsql.googleapis.com/database/disk/utilization",
    "cloudsql.googleapis.com/database/postgresql/num_backends",
    'database_id="placeholder-prod:sales-prod-postgres-g1"',
  ],
  "the database's disk will be full": [
    'cloudsql.googleapis.com/database/disk/utilization" AND',
    'database_id="placeholder-prod:sales-prod-postgres-g1"',
  ],
  "a quota will be used up": [
    // The slope of a day, as far ahead as the forecast of the disk.
    'quota_allocation_usage{monitored_resource="consumer_quota"}[1d], 216000)',
    'serviceruntime_googleapis_com:quota_limit{monitored_resource="consumer_quota"} > 0)) > 1',
    "> 0.7",
  ],
  "the database replica lags": [
    "cloudsql.googleapis.com/database/replication/replica_lag",
    'database_id="placeholder-prod:sales-prod-postgres-g1-replica"',
  ],
  "the figures were not copied to the recovery region": ["user/sales_recovery_copies", 'status="failed"'],
  "a backup of the database failed": ["cloudsql.instances.automatedBackup", "STATUS_FAILED"],
  "a restore drill failed": ["user/sales_restore_drills"],
  "Cloud NAT runs out of ports": ["router.googleapis.com/nat/dropped_sent_packets_count", "OUT_OF_RESOURCES"],
  "BigQuery jobs fail": ["protoPayload.metadata.jobChange.job.jobStatus.errorResult.code>0"],
  "BigQuery reads or computes unusually much": [
    "bigquery.googleapis.com/query/scanned_bytes_billed",
    "bigquery.googleapis.com/slots/allocated_for_project",
  ],
  "the database password was not rotated": [
    "pubsub.googleapis.com/subscription/oldest_unacked_message_age",
    'subscription_id="sales-prod-secret-rotation"',
    "user/sales_password_rotations",
  ],
  "a scan of the tables found a fault": ["dataplex.googleapis.com/data_scan", "dataQuality.passed=false"],
  "an account reads far more than it used to": ["logging.googleapis.com/user/sales_unusual_reads"],
  "access was changed by hand": [
    "setiampolicy",
    'principalEmail!="sales-prod-deploy@placeholder-prod.iam.gserviceaccount.com"',
  ],
  "the firewall was changed by hand": [
    "firewallpolicies",
    'principalEmail!="sales-prod-deploy@placeholder-prod.iam.gserviceaccount.com"',
  ],
  "the job refused its input": ['metric.label.status="refused"'],
  "a message could not be sent": ["user/sales_notifications_failed"],
  "an objective will not be kept": ["select_slo_burn_rate"],
};

test("every alert of prod has expected terms", () => {
  expect(Object.keys(EXPECTED_TERMS).sort()).toEqual([...policies(plan("prod")).keys()].sort());
});

test.each(Object.entries(EXPECTED_TERMS))("%s", (title, terms) => {
  const text = queries(policies(plan("prod")).get(title));
  for (const term of terms) expect(text).toContain(term);
});

test.each([
  ["v1.compute.firewalls.patch", true],
  ["beta.compute.firewalls.delete", true],
  ["v1.compute.networkFirewallPolicies.addRule", true],
  ["v1.compute.networkFirewallPolicies.addAssociation", true],
  ["v1.compute.regionNetworkFirewallPolicies.patchRule", true],
  ["v1.compute.firewallPolicies.removeAssociation", true],
  ["v1.compute.networkFirewallPolicies.cloneRules", true],
  ["v1.compute.networkFirewallPolicies.getRule", false],
  ["v1.compute.instances.insert", false],
])("the alert on the firewall counts %s: %p", (method, counts) => {
  const filter = queries(policies(plan("prod")).get("the firewall was changed by hand"));
  const pattern = /methodName=~"\(\?i\)([^"]+)"/.exec(filter)?.[1] ?? "nothing";
  expect(new RegExp(pattern, "i").test(method)).toBe(counts);
  // Which resource type a policy is logged with is documented nowhere: the method says enough.
  expect(filter).not.toContain("resource.type");
});

test("the disk is forecast as far ahead as Cloud Monitoring does, and judged for an hour", () => {
  const policy = policies(plan("prod")).get("the database's disk will be full");
  expect(policy?.conditions).toEqual([
    expect.objectContaining({
      condition_threshold: expect.objectContaining({
        // 60 hours.
        forecast_options: { forecast_horizon: "216000s" },
        threshold_value: 0.95,
        comparison: "COMPARISON_GT",
        duration: "3600s",
      }) as unknown,
    }),
  ]);
});

test("memory is waited for during three hours before anybody is notified: a backfill waits for it all the time", () => {
  const policy = policies(plan("prod")).get("the cluster has no healthy node, or too little memory");
  const conditions = policy?.conditions as { condition_threshold?: { filter: string; duration: string } }[];
  const durations = conditions
    .map(({ condition_threshold: threshold }) => threshold)
    .filter((threshold) => threshold?.filter.includes("pending_memory_size"));
  expect(durations).toEqual([expect.objectContaining({ duration: "10800s" })]);
});

describe.each(environments)("alerts of $name", ({ name, operations }) => {
  const stack = plan(name);

  test("notify every address and link to a runbook", () => {
    const emails = stack.all("google_monitoring_notification_channel");
    expect(emails.map((one) => String(at(one, "labels.email_address"))).sort()).toEqual(
      [...operations.alertEmails].sort(),
    );
    // A channel's `labels` are its settings: an e-mail channel has the address, and the API refuses any other key.
    for (const one of emails) expect(Object.keys(one.labels as object)).toEqual(["email_address"]);
    for (const [title, policy] of policies(stack)) {
      expect([title, (policy.notification_channels as unknown[]).length]).toEqual([title, emails.length]);
      const [, page = ""] = /blob\/main\/(docs\/runbooks\/[\w-]+\.md)\)/.exec(
        String(at(policy, "documentation.content")),
      ) ?? [title];
      expect(page).toMatch(/^docs\/runbooks\//);
    }
  });

  test("limit their rate where they match logs, and only there", () => {
    for (const policy of policies(stack).values()) {
      const logs = (policy.conditions as Conditions).filter((one) => one.condition_matched_log !== undefined);
      const limit = at(policy, "alert_strategy.notification_rate_limit.period");
      expect(limit).toBe(logs.length > 0 ? "3600s" : undefined);
    }
  });

  test("have a log or PromQL condition only as the sole condition: the API allows no other", () => {
    for (const [title, policy] of policies(stack)) {
      const conditions = policy.conditions as Conditions;
      const exclusive = conditions.some(
        (one) => one.condition_matched_log ?? one.condition_prometheus_query_language,
      );
      expect([title, exclusive && conditions.length > 1]).toEqual([title, false]);
    }
  });

  test("look back no further than the service's 25 hours", () => {
    for (const policy of policies(stack).values()) {
      for (const one of policy.conditions as Conditions) {
        const threshold = one.condition_threshold as Attributes | undefined;
        if (threshold?.aggregations === undefined) continue;
        const period = Number.parseInt(String(at(threshold, "aggregations.alignment_period")));
        expect(period + Number.parseInt(String(threshold.duration))).toBeLessThanOrEqual(90_000);
        if (threshold.evaluation_missing_data !== undefined) expect(threshold.duration).not.toBe("0s");
      }
    }
  });

  test("may name log-based metrics before Cloud Monitoring knows them", () => {
    for (const policy of policies(stack).values()) {
      for (const one of policy.conditions as Conditions) {
        if (one.condition_prometheus_query_language === undefined) continue;
        expect(at(one, "condition_prometheus_query_language.disable_metric_validation")).toBe(true);
      }
    }
  });

  test("and the dashboard name only existing log-based metrics", () => {
    const known = stack.all("google_logging_metric").map((metric) => String(metric.name));
    expect(known.length).toBeGreaterThan(8);
    const text = JSON.stringify([
      ...stack.all("google_monitoring_alert_policy"),
      stack.only("google_monitoring_dashboard"),
    ]);
    const named = [...text.matchAll(/user[/_](sales_\w+?)(?:_sum)?(?=[\\"{])/g)].map(
      ([, metric]) => metric ?? "",
    );
    expect(new Set(named).size).toBeGreaterThan(5);
    expect(named.filter((metric) => !known.includes(metric))).toEqual([]);
  });

  test("the dashboard has the pipeline on top, and no tile over another", () => {
    const page = JSON.parse(String(stack.only("google_monitoring_dashboard").dashboard_json)) as {
      displayName: string;
      mosaicLayout: {
        columns: number;
        tiles: { xPos?: number; yPos?: number; width: number; height: number; widget: object }[];
      };
    };
    // Terraform would read `${` as a reference; `$${` is its escape.
    expect(String(stack.only("google_monitoring_dashboard").dashboard_json)).not.toMatch(/(?<!\$)\$\{/);
    const { columns, tiles } = page.mosaicLayout;
    expect([page.displayName, columns]).toEqual([`sales ${name}: pipeline`, COLUMNS]);
    expect(at(tiles[0]?.widget, "text.content")).toBe("## The pipeline");
    const cells = tiles.flatMap(({ xPos = 0, yPos = 0, width, height }) =>
      Array.from(
        { length: width * height },
        (_, cell) => `${xPos + (cell % width)},${yPos + Math.floor(cell / width)}`,
      ),
    );
    expect(new Set(cells).size).toBe(cells.length);
    for (const tile of tiles) expect((tile.xPos ?? 0) + tile.width).toBeLessThanOrEqual(columns);
  });
});

test("the dashboard has no value that the API leaves out of its answers (pg#7242)", () => {
  const text = String(plan("prod").only("google_monitoring_dashboard").dashboard_json);
  const left: string[] = [];
  JSON.parse(text, (key, value: unknown) => {
    const empty = typeof value === "object" && value !== null && Object.keys(value).length === 0;
    if (value === 0 || value === "" || value === false || value === null || empty) left.push(key);
    return value;
  });
  expect(left).toEqual([]);
  expect(text.length).toBeGreaterThan(5000);
});

test("environments have objectives from the level enhanced, and docs/platform/monitoring.md states the same", () => {
  const text = readFileSync(join(ROOT, "docs/platform/monitoring.md"), "utf8");
  const objectives = [
    ["freshness", 0.95, 28],
    ["success", 0.95, 28],
  ];
  for (const { name, operations } of environments) {
    const slos = plan(name).all("google_monitoring_slo");
    const found = slos.map((slo) => [slo.slo_id, slo.goal, slo.rolling_period_days]).sort();
    expect([name, found]).toEqual([name, operations.monitoring === "basic" ? [] : objectives]);
  }
  expect(text).toContain(`judged over ${ROLLING_DAYS} days`);
  for (const [id, { goal }] of Object.entries(OBJECTIVES)) {
    expect(text).toMatch(new RegExp(`\\| ${id} +\\|.*\\| ${goal * 100} % +\\|`));
  }
});

test("the runbooks of these alerts exist", () => {
  for (const page of [
    "job-failed",
    "database-load",
    "capacity-forecast",
    "network-ports",
    "unexpected-change",
    "bigquery-usage",
    "notification-failed",
    "services-left-running",
  ]) {
    expect([page, existsSync(join(ROOT, `docs/runbooks/${page}.md`))]).toEqual([page, true]);
  }
});

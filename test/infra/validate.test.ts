import { decommissioned, environments } from "../../environments";
import { Environment } from "../../environments/environment";
import { parseRange } from "../../environments/ip-ranges";
import { problemsOf, validated } from "../../environments/validation";
import { synthesize } from "./synthesize";

function environment(name: string): Environment {
  const found = environments.find((one) => one.name === name);
  if (!found) throw new Error(name);
  return found;
}
const [dev, staging, prod] = ["dev", "staging", "prod"].map(environment) as [
  Environment,
  Environment,
  Environment,
];

test("the three environments have no mistake", () => {
  expect(environments.flatMap(problemsOf)).toEqual([]);
});

/** A change of an environment, and the one line that it must bring. */
const MISTAKES: readonly (readonly [Environment, Partial<Environment>, string])[] = [
  [dev, { name: "Dev!" }, "Dev!: name: 'Dev!' must be 2 to 10 lower-case letters and digits"],
  [dev, { projectId: "x" }, "dev: projectId: 'x' is no project id"],
  [dev, { region: "us-central" }, "dev: region: 'us-central' is no region"],
  [dev, { team: "Data Team" }, "dev: team: 'Data Team' is no label"],
  [prod, { recoveryRegion: "us-central1" }, "prod: recoveryRegion: 'us-central1' is the region itself"],
  [
    prod,
    { recoveryRegion: "europe-west1" },
    "prod: recoveryRegion: 'europe-west1' and 'us-central1' share no dual-region bucket",
  ],
  [prod, { protection: "destroyable" }, "prod: protection: production must be 'protected'"],
  [prod, { customerKeys: undefined }, "prod: customerKeys: production must encrypt with its own keys"],
  [
    dev,
    { network: { ...dev.network, publicSubnet: "10.10.0.0" } },
    "dev: network.publicSubnet: '10.10.0.0' is no range",
  ],
  [
    dev,
    { network: { ...dev.network, publicSubnet: "10.10.1.0/22" } },
    "dev: network.publicSubnet: '10.10.1.0/22' does not start where a /22 starts",
  ],
  [
    dev,
    { network: { ...dev.network, privateSubnet: "10.10.2.0/23" } },
    "dev: network.privateSubnet: 10.10.2.0/23 overlaps publicSubnet (10.10.0.0/22)",
  ],
  [
    dev,
    { network: { ...dev.network, composerInternal: "10.10.144.0/21" } },
    "dev: network.composerInternal: Composer takes exactly a /20",
  ],
  [dev, { lake: { ...dev.lake, softDeleteDays: 5 } }, "dev: lake.softDeleteDays: 5 is not 7 to 90"],
  [
    dev,
    { lake: { ...dev.lake, archiveLocked: true } },
    "dev: lake.archiveLocked: there is no retention to lock",
  ],
  [
    prod,
    { lake: { ...prod.lake, archiveRetentionDays: undefined } },
    "prod: lake.archiveRetentionDays: production must keep its archive write-once",
  ],
  [
    dev,
    { secrets: { ...dev.secrets, firstRotation: "soon" } },
    "dev: secrets.firstRotation: 'soon' is no time",
  ],
  [dev, { database: { ...dev.database, cpus: 3 } }, "dev: database.cpus: 3 must be 1 or an even number"],
  [
    dev,
    { database: { ...dev.database, memoryGb: 32 } },
    "dev: database.memoryGb: 32 must be 0.9 to 6.5 for each of 1 CPUs",
  ],
  [
    dev,
    { database: { ...dev.database, crossRegion: true } },
    "dev: database.crossRegion: there is no second region",
  ],
  [
    staging,
    { database: { ...staging.database, pointInTimeRecovery: false } },
    "staging: database.pointInTimeRecovery: a REGIONAL instance needs it",
  ],
  [
    dev,
    { warehouse: { ...dev.warehouse, timeTravelHours: 50 } },
    "dev: warehouse.timeTravelHours: 50 must be 48, 72, ... or 168",
  ],
  [
    dev,
    { warehouse: { ...dev.warehouse, slots: { baseline: 50, max: 50 } } },
    "dev: warehouse.slots: baseline and max must be multiples of 50",
  ],
  [
    dev,
    { processing: { ...dev.processing, masterType: "n9-huge-1" } },
    "dev: processing.masterType: 'n9-huge-1' is no machine type known here",
  ],
  [
    dev,
    { processing: { ...dev.processing, spotWorkers: { min: 4, max: 2 } } },
    "dev: processing.spotWorkers: max 2 is below min 4",
  ],
  [
    dev,
    { orchestration: { ...dev.orchestration, imageVersion: "composer-3-airflow-3.1.0" } },
    "dev: orchestration.imageVersion: 'composer-3-airflow-3.1.0' is not composer-3-airflow-2.x.y",
  ],
  [
    dev,
    { orchestration: { ...dev.orchestration, webAccess: [{ range: "0.0.0.0/0", description: "all" }] } },
    "dev: orchestration.webAccess[0]: 0.0.0.0/0 is everybody",
  ],
  [
    dev,
    { orchestration: { ...dev.orchestration, firstDay: "2026-02-30" } },
    "dev: orchestration.firstDay: '2026-02-30' is no day",
  ],
  [
    dev,
    { database: { ...dev.database, restoreDrill: "weekly" } },
    "dev: database.restoreDrill: 'weekly' is no cron expression, write for example 0 6 * * 1",
  ],
  [
    staging,
    { database: { ...staging.database, restoreDrill: "30 20 * * 1" } },
    "staging: database.restoreDrill: '30 20 * * 1' (UTC) is outside officeHours",
  ],
  [
    staging,
    // 06:00 UTC on a Monday is still Sunday evening there.
    { officeHours: { open: "0 5 * * 1-5", close: "0 20 * * 1-5", timeZone: "America/Los_Angeles" } },
    "staging: database.restoreDrill: '0 6 * * 1' (UTC) is outside officeHours",
  ],
  [
    staging,
    // 8 o'clock in summer, but 7 in winter.
    { officeHours: { open: "30 7 * * *", close: "0 20 * * *", timeZone: "Europe/Berlin" } },
    "staging: database.restoreDrill: '0 6 * * 1' (UTC) is outside officeHours",
  ],
  [
    dev,
    { officeHours: { open: "*/5 * * * *", close: "0 20 * * *", timeZone: "Etc/UTC" } },
    "dev: officeHours: schedule '*/5 * * * *': expected '<minute> <hour> * * <days of the week>'",
  ],
  [
    dev,
    { officeHours: { open: "0 5 * * *", close: "0 20 * * *", timeZone: "Mars/Olympus" } },
    "dev: officeHours: Invalid time zone specified: Mars/Olympus",
  ],
  [
    dev,
    { notifications: { ...dev.notifications, emails: ["a@example.com,b@example.com"] } },
    "dev: notifications.emails: 'a@example.com,b@example.com' is no address",
  ],
  [
    dev,
    { notifications: { ...dev.notifications, channels: ["0.0.0.0/0"] } },
    "dev: notifications.channels[0]: 0.0.0.0/0 is everywhere, name the servers' networks",
  ],
  [
    dev,
    { notifications: { ...dev.notifications, deadlineHours: 24 } },
    "dev: notifications.deadlineHours: 24 is not an hour from 1 to 23",
  ],
  [
    dev,
    { warehouse: { ...dev.warehouse, maximumGibBilled: 0.5 } },
    "dev: warehouse.maximumGibBilled: 0.5 must be a whole number of at least 1",
  ],
  [
    dev,
    { orchestration: { ...dev.orchestration, runHour: 24 } },
    "dev: orchestration.runHour: 24 is not an hour from 0 to 23",
  ],
  [
    prod,
    { orchestration: { ...prod.orchestration, scheduler: { count: 1, cpu: 1, memoryGb: 4 } } },
    "prod: orchestration.highResilience: needs 2 schedulers and 2 workers",
  ],
  [
    prod,
    { orchestration: { ...prod.orchestration, scheduler: { count: 2, cpu: 2, memoryGb: 8 } } },
    "prod: orchestration.scheduler: 2 CPUs: Composer 3 gives each scheduler 0.5 to 1",
  ],
  [
    dev,
    { access: { ...dev.access, analysts: ["jane@example.com"] } },
    "dev: access.analysts: 'jane@example.com' is no principal",
  ],
];

test.each(MISTAKES)("%#: %o is told in one line", (valid, change, line) => {
  const problems = problemsOf({ ...valid, ...change });
  expect(problems.filter((problem) => problem.startsWith(line))).toHaveLength(1);
  expect(problems.every((problem) => !problem.includes("\n"))).toBe(true);
});

test("every mistake is told at once, those between environments too", () => {
  const twin = { ...staging, name: "dev", region: "nowhere" };
  expect(() => validated([dev, twin])).toThrow(
    /^dev: region: 'nowhere' is no region.*\ndev: name: 'dev' is dev's already, give each its own$/s,
  );
});

test.each([
  ["10.0.0.0/8", { first: 167772160, last: 184549375 }],
  ["255.255.255.255/32", { first: 4294967295, last: 4294967295 }],
])("%s is a range", (text, range) => {
  expect(parseRange(text)).toMatchObject(range);
});

test.each(["10.0.0.0/33", "10.0.0.256/32", "10.0.0/24", "::/0", ""])("'%s' is none", (text) => {
  expect(typeof parseRange(text)).toBe("string");
});

test("a fourth environment in another region is one small file", () => {
  const europe: Environment = {
    ...prod,
    name: "eu",
    projectId: "sales-analytics-eu",
    region: "europe-west1",
    recoveryRegion: "europe-west4",
  };
  const plan = synthesize(validated([...environments, europe])).plan("eu");
  const data = plan.named("google_storage_bucket", "sales-analytics-eu-data");
  expect(data).toMatchObject({
    location: "EU",
    custom_placement_config: { data_locations: ["EUROPE-WEST1", "EUROPE-WEST4"] },
  });
  expect(plan.only("google_dataproc_cluster").region).toBe("europe-west1");
});

test("an environment without keys of its own leaves encryption to Google's", () => {
  const plain = synthesize([{ ...dev, customerKeys: undefined }]).plan("dev");
  expect(plain.all("google_kms_crypto_key")).toEqual([]);
  expect(plain.named("google_storage_bucket", "-data").encryption).toBeUndefined();
});

test("decommissioning takes every protection off one environment, and only when asked by name", () => {
  expect(decommissioned(prod, "staging").protection).toBe("protected");
  const { plan, notices } = synthesize([decommissioned(prod, "prod")]);
  const stack = plan("prod");
  expect(stack.all("google_sql_database_instance").map((one) => one.deletion_protection)).toEqual([
    false,
    false,
  ]);
  expect(stack.all("google_storage_bucket").map((one) => one.force_destroy)).not.toContain(false);
  expect(stack.all("google_bigquery_table").map((one) => one.deletion_protection)).not.toContain(true);
  expect(stack.all("google_secret_manager_secret").map((one) => one.deletion_protection)).toEqual([
    false,
    false,
  ]);
  expect(notices).toContain("prod: decommissioning: every deletion protection is off");
});

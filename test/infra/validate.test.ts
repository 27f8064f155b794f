import { decommissioned, environments } from "../../environments";
import { Environment, Stage } from "../../environments/environment";
import { parseRange } from "../../environments/schema/ip-ranges";
import { validationErrors, validated } from "../../environments/validation";
import { synthesize } from "./support/synthesize";

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

test("the environments have no mistake", () => {
  expect(environments.flatMap(validationErrors)).toEqual([]);
});

/** A change of an environment, and the beginning of the line that must report it. */
const MISTAKES: readonly (readonly [Environment, Partial<Environment>, string])[] = [
  [dev, { name: "Dev!" }, "Dev!: name: 'Dev!' is not 2 to 10 lower-case letters and digits"],
  [dev, { projectId: "x" }, "dev: projectId: 'x' is not a project id"],
  [dev, { region: "us-central" }, "dev: region: 'us-central' is not a region"],
  [dev, { team: "Data Team" }, "dev: team: 'Data Team' is not a valid label"],
  [prod, { recoveryRegion: "us-central1" }, "prod: recoveryRegion: 'us-central1' is region itself"],
  [
    prod,
    { recoveryRegion: "europe-west1" },
    "prod: recoveryRegion: 'europe-west1' shares no dual-region bucket with region",
  ],
  [prod, { protection: "destroyable" }, "prod: protection: 'destroyable' is not allowed in production"],
  [prod, { customerKeys: undefined }, "prod: customerKeys: production needs its own keys"],
  [
    dev,
    { network: { ...dev.network, publicSubnet: "10.10.0.0" } },
    "dev: network.publicSubnet: '10.10.0.0' is not an IPv4 range",
  ],
  [
    dev,
    { network: { ...dev.network, publicSubnet: "10.10.1.0/22" } },
    "dev: network.publicSubnet: '10.10.1.0/22' does not start where a /22 starts",
  ],
  [
    dev,
    { network: { ...dev.network, privateSubnet: "10.10.2.0/23" } },
    "dev: network.privateSubnet: '10.10.2.0/23' overlaps publicSubnet (10.10.0.0/22)",
  ],
  [
    dev,
    { network: { ...dev.network, composerInternal: "10.10.144.0/21" } },
    "dev: network.composerInternal: '10.10.144.0/21' is not a /20, as Composer needs",
  ],
  [dev, { lake: { ...dev.lake, softDeleteDays: 5 } }, "dev: lake.softDeleteDays: 5 is less than 7"],
  [
    dev,
    { lake: { ...dev.lake, archiveLocked: true } },
    "dev: lake.archiveLocked: there is no retention to lock",
  ],
  [
    prod,
    { lake: { ...prod.lake, archiveRetentionDays: undefined } },
    "prod: lake.archiveRetentionDays: production needs an archive that cannot be changed",
  ],
  [dev, { secrets: { rotationDays: 0 } }, "dev: secrets.rotationDays: 0 is less than 1"],
  [dev, { database: { ...dev.database, cpus: 3 } }, "dev: database.cpus: 3 is not 1 or an even number"],
  [
    dev,
    { database: { ...dev.database, memoryGb: 32 } },
    "dev: database.memoryGb: 32 is not 0.9 to 6.5 for each CPU",
  ],
  [
    dev,
    { database: { ...dev.database, crossRegion: true } },
    "dev: database.crossRegion: there is no second region",
  ],
  [
    dev,
    { warehouse: { ...dev.warehouse, crossRegion: true } },
    "dev: warehouse.crossRegion: there is no second region",
  ],
  [
    prod,
    { warehouse: { ...prod.warehouse, crossRegion: false } },
    "prod: warehouse.crossRegion: production needs a copy",
  ],
  [
    staging,
    { database: { ...staging.database, pointInTimeRecovery: false } },
    "staging: database.pointInTimeRecovery: a REGIONAL instance needs it",
  ],
  [
    dev,
    { warehouse: { ...dev.warehouse, timeTravelHours: 50 } },
    "dev: warehouse.timeTravelHours: 50 is not a multiple of 24",
  ],
  [
    dev,
    { warehouse: { ...dev.warehouse, slots: { baseline: 50, max: 50 } } },
    "dev: warehouse.slots.max: 50 is not more than baseline",
  ],
  [
    dev,
    { processing: { ...dev.processing, masterType: "n9-huge-1" } },
    "dev: processing.masterType: 'n9-huge-1' is not a known machine type, write for example n2-standard-4",
  ],
  [
    dev,
    { processing: { ...dev.processing, spotWorkers: 3 } },
    "dev: processing.spotWorkers: 3 is more than primaryWorkers, and each spot machine that is taken away repeats its part of the work",
  ],
  [
    dev,
    { orchestration: { ...dev.orchestration, runHour: 12 } },
    "dev: orchestration.runHour: 12 is from 12 to 18, when Composer and Cloud SQL may be maintained, choose another",
  ],
  [
    dev,
    { orchestration: { ...dev.orchestration, imageVersion: "composer-3-airflow-3.1.0" } },
    "dev: orchestration.imageVersion: 'composer-3-airflow-3.1.0' is not composer-3-airflow-2.x.y",
  ],
  [
    dev,
    { orchestration: { ...dev.orchestration, webAccess: [{ range: "0.0.0.0/0", description: "all" }] } },
    "dev: orchestration.webAccess[0].range: '0.0.0.0/0' is everywhere, name a network",
  ],
  [
    dev,
    { orchestration: { ...dev.orchestration, firstDay: "2026-02-30" } },
    "dev: orchestration.firstDay: '2026-02-30' is not a day written yyyy-MM-dd",
  ],
  [
    staging,
    { database: { ...staging.database, restoreDrill: { weekday: "monday", time: "6:00" } } },
    "staging: database.restoreDrill.time: '6:00' is not a time of day, write for example 05:00",
  ],
  [
    staging,
    { database: { ...staging.database, restoreDrill: { weekday: "monday", time: "20:00" } } },
    "staging: database.restoreDrill: starts outside officeHours",
  ],
  [
    staging,
    // 06:00 UTC on a Monday is still Sunday evening there.
    { officeHours: { open: "05:00", close: "23:00", days: "weekdays", timeZone: "America/Los_Angeles" } },
    "staging: database.restoreDrill: starts outside officeHours",
  ],
  [
    staging,
    // 8 o'clock in summer, but 7 in winter.
    { officeHours: { open: "07:30", close: "20:00", days: "daily", timeZone: "Europe/Berlin" } },
    "staging: database.restoreDrill: starts outside officeHours",
  ],
  [
    dev,
    { officeHours: { open: "20:00", close: "05:00", days: "daily", timeZone: "Etc/UTC" } },
    "dev: officeHours.close: '05:00' is not after open",
  ],
  [
    dev,
    { officeHours: { open: "05:00", close: "24:00", days: "daily", timeZone: "Etc/UTC" } },
    "dev: officeHours.close: '24:00' is not a time of day, write for example 05:00",
  ],
  [
    dev,
    { officeHours: { open: "05:00", close: "20:00", days: "daily", timeZone: "Mars/Olympus" } },
    "dev: officeHours.timeZone: 'Mars/Olympus' is not a time zone, write for example Europe/Berlin",
  ],
  [dev, { stage: "test" as Stage }, "dev: stage: 'test' is not one of development, staging, production"],
  [dev, { team: undefined }, "dev: team: is missing"],
  [
    dev,
    { lake: { ...dev.lake, softDeleteDays: "7" as unknown as number } },
    "dev: lake.softDeleteDays: '7' is not a number",
  ],
  [
    dev,
    { lake: { ...dev.lake, keepFor: 7 } as Environment["lake"] },
    "dev: lake: has unknown fields: keepFor",
  ],
  [
    dev,
    { notifications: { ...dev.notifications, emails: ["a@example.com,b@example.com"] } },
    "dev: notifications.emails[0]: 'a@example.com,b@example.com' is not an e-mail address",
  ],
  [
    dev,
    { notifications: { ...dev.notifications, hosts: ["198.51.100.7"] } },
    "dev: notifications.hosts[0]: '198.51.100.7' is not a host name, write for example hooks.slack.com",
  ],
  [
    dev,
    { notifications: { ...dev.notifications, hosts: ["chat.googleapis.com"] } },
    "dev: notifications.hosts[0]: 'chat.googleapis.com' has the restricted addresses of Google's APIs",
  ],
  [
    dev,
    { notifications: { ...dev.notifications, deadlineHours: 24 } },
    "dev: notifications.deadlineHours: 24 is more than 23",
  ],
  [
    dev,
    { warehouse: { ...dev.warehouse, maximumGibBilled: 0.5 } },
    "dev: warehouse.maximumGibBilled: 0.5 is not a whole number",
  ],
  [
    dev,
    { orchestration: { ...dev.orchestration, runHour: 24 } },
    "dev: orchestration.runHour: 24 is more than 23",
  ],
  [
    prod,
    { orchestration: { ...prod.orchestration, scheduler: { count: 1, cpu: 1, memoryGb: 4 } } },
    "prod: orchestration.highResilience: needs at least 2 schedulers and 2 workers",
  ],
  [
    prod,
    { orchestration: { ...prod.orchestration, scheduler: { count: 2, cpu: 2, memoryGb: 8 } } },
    "prod: orchestration.scheduler.cpu: 2 is more than 1",
  ],
  [
    dev,
    { access: { ...dev.access, analysts: ["jane@example.com"] } },
    "dev: access.analysts[0]: 'jane@example.com' is not a principal",
  ],
];

test.each(MISTAKES.map(([valid, change, line]) => [line, { ...valid, ...change }] as const))(
  "%s",
  (line, wrong) => {
    const problems = validationErrors(wrong);
    expect(problems.filter((problem) => problem.startsWith(line))).toHaveLength(1);
    expect(problems.every((problem) => !problem.includes("\n"))).toBe(true);
  },
);

test("all mistakes are reported at once, also those between environments", () => {
  const twin = { ...staging, name: "dev", region: "nowhere" };
  expect(() => validated([dev, twin])).toThrow(
    /^dev: region: 'nowhere' is not a region.*\ndev: name: 'dev' is taken by dev, choose another$/s,
  );
});

test.each([
  ["10.0.0.0/8", { first: 167772160, last: 184549375 }],
  ["255.255.255.255/32", { first: 4294967295, last: 4294967295 }],
])("%s is a range", (text, range) => {
  expect(parseRange(text)).toMatchObject(range);
});

test.each(["10.0.0.0/33", "10.0.0.256/32", "10.0.0/24", "::/0", ""])("'%s' is not a range", (text) => {
  expect(typeof parseRange(text)).toBe("string");
});

test("an environment without keys of its own leaves encryption to Google's", () => {
  const plain = synthesize([{ ...dev, customerKeys: undefined }]).plan("dev");
  expect(plain.all("google_kms_crypto_key")).toEqual([]);
  expect(plain.named("google_storage_bucket", "-data").encryption).toBeUndefined();
});

test("decommissioning removes every protection of one environment, and only of the named one", () => {
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
    false,
  ]);
  expect(notices.join("\n")).toMatch(/^prod: decommissioning: every deletion protection is off;/m);
});

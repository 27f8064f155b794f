import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { environments } from "../../environments";
import { Plan } from "../infra/fixture";
import { checkoutWith } from "./checkout";

const EU = `{
  ...prod,
  name: "eu",
  projectId: "sales-analytics-eu",
  region: "europe-west1",
  recoveryRegion: "europe-west4",
  costCenter: "cc-1004",
  network: {
    publicSubnet: "10.40.0.0/22",
    composerPods: "10.40.32.0/19",
    composerServices: "10.40.16.0/22",
    composerInternal: "10.40.144.0/20",
    privateSubnet: "10.40.4.0/22",
    dataprocPods: "10.40.64.0/18",
    privateServices: "10.40.128.0/20",
  },
}`;
const checkout = checkoutWith("eu", EU);
const MINUTES = 60_000;

function run(command: string, ...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: checkout, encoding: "utf8" });
  return { status, stdout, text: `${stdout}${stderr}` };
}
const node = (...args: readonly string[]) => run(process.execPath, ...args);

describe("environments/eu.ts and its entry in environments/index.ts are enough", () => {
  test(
    "to synthesize and to estimate it",
    () => {
      const { status, stdout, text } = node("scripts/cost.mjs", "--json");
      expect([status, text.includes("cdktf.out/stacks/eu/cdk.tf.json")]).toEqual([0, true]);
      const { stacks } = JSON.parse(stdout) as {
        stacks: { stack: string; usd: number; regions: string[]; notEstimated: unknown[] }[];
      };
      const [eu, prod] = ["eu", "prod"].map((name) => stacks.find(({ stack }) => stack === name));
      expect(eu?.regions).toEqual(["europe-west1", "europe-west4"]);
      expect(eu?.notEstimated).toEqual([]);
      // The volumes of its stage and the only prices that there are.
      expect(eu?.usd).toBeCloseTo(prod?.usd ?? 0, 6);
      const plan = Plan.read(join(checkout, "cdktf.out/stacks/eu/cdk.tf.json"));
      expect(plan.named("google_storage_bucket", "sales-analytics-eu-data")).toMatchObject({
        location: "EU",
        custom_placement_config: { data_locations: ["EUROPE-WEST1", "EUROPE-WEST4"] },
      });
      expect(plan.only("google_dataproc_cluster").region).toBe("europe-west1");
    },
    3 * MINUTES,
  );

  test(
    "for the types",
    () => {
      expect(node("node_modules/typescript/bin/tsc", "--noEmit", "-p", ".")).toMatchObject({
        status: 0,
        text: "",
      });
    },
    5 * MINUTES,
  );

  test(
    "for the workflows, their linter and the tests that enumerate environments",
    () => {
      expect(node("scripts/environments.mjs").stdout).toContain('production=["prod","eu"]');
      const { status, text } = node(
        "node_modules/jest/bin/jest.js",
        "--runInBand",
        // Writes snapshots of the new plan; those of the other environments must stay.
        "--ci=false",
        "test/ops/workflows.test.ts",
        "test/ops/cost.test.ts",
        "test/infra/plan.test.ts",
        "test/infra/observability.test.ts",
        "test/infra/compute.test.ts",
      );
      expect(text).not.toContain("●");
      expect(text).toMatch(/^Test Suites: 5 passed, 5 total$/m);
      expect(status).toBe(0);

      const linter = `import { ensure } from "./scripts/setup/parts.mjs"; await ensure("lint");`;
      expect(node("--input-type=module", "-e", linter).status).toBe(0);
      const zizmor = join(checkout, ".venv/lint/bin/zizmor");
      expect(existsSync(zizmor)).toBe(true);
      expect(
        run(zizmor, "--offline", "--pedantic", "--strict-collection", "--no-progress", ".github"),
      ).toMatchObject({
        status: 0,
      });
    },
    10 * MINUTES,
  );

  test.each([
    [`protection: "destroyable"`, "eu: protection: 'destroyable' is not allowed in production"],
    ["customerKeys: undefined", "eu: customerKeys: production needs its own keys"],
    [
      `database: { ...prod.database, crossRegion: false }`,
      "eu: database.crossRegion: production needs a replica",
    ],
  ])(
    "for the rules of its stage: %s is refused",
    (change, message) => {
      const file = join(checkout, "environments/eu.ts");
      const good = readFileSync(file, "utf8");
      writeFileSync(file, good.replace("...prod,", `...prod, ${change},`));
      const { status, text } = node("scripts/environments.mjs");
      writeFileSync(file, good);
      expect([status, text]).toEqual([1, `error: the environments cannot be read: ${message}\n`]);
    },
    MINUTES,
  );
});

test("the copy has one environment more than the checkout", () => {
  const { stdout } = node("scripts/environments.mjs");
  expect(JSON.parse(/^all=(.*)$/m.exec(stdout)?.[1] ?? "")).toEqual([
    ...environments.map(({ name }) => name),
    "eu",
  ]);
});

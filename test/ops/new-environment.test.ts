import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Checkout } from "../docs/how-to-checkout";

// docs/how-to/add-an-environment.md; what the commands make of the new environment is in test/docs/how-to.test.ts.
const checkout = new Checkout();
checkout.follow("add-an-environment.md");

const ENUMERATING = [
  "test/ops/workflows.test.ts",
  "test/ops/cost.test.ts",
  "test/infra/plan.test.ts",
  "test/infra/observability/observability.test.ts",
  "test/infra/platform/compute.test.ts",
];

test("tests that enumerate environments hold for a new one without a change", () => {
  // Writes snapshots of the new plan; those of the other environments must stay.
  const { status, stderr } = checkout.node(
    "node_modules/jest/bin/jest.js",
    "--runInBand",
    "--ci=false",
    ...ENUMERATING,
  );
  expect(stderr).not.toContain("●");
  expect(stderr).toMatch(/^Test Suites: 5 passed, 5 total$/m);
  expect(stderr).toMatch(/^Snapshots: +3 written, 11 passed, 14 total$/m);
  expect(status).toBe(0);
}, 600_000);

test.each([
  [`protection: "destroyable"`, "protection: 'destroyable' is not allowed in production"],
  ["customerKeys: undefined", "customerKeys: production needs its own keys"],
  [`database: { ...prod.database, crossRegion: false }`, "database.crossRegion: production needs a replica"],
])(
  "the rules of its stage hold for it: %s is refused",
  (change, message) => {
    const file = join(checkout.folder, "environments/eu.ts");
    const good = readFileSync(file, "utf8");
    writeFileSync(file, good.replace("...prod,", `...prod, ${change},`));
    const { status, stderr } = checkout.node("scripts/environments.mjs");
    writeFileSync(file, good);
    expect([status, stderr]).toEqual([2, `error: the environments cannot be read: eu: ${message}\n`]);
  },
  60_000,
);

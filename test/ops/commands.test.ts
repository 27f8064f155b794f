import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkoutWith } from "./checkout";

const checkout = checkoutWith("demo", `{ ...dev, name: "demo", projectId: "sales-analytics-demo" }`);

/** What an owner gives; without it a deployment is refused. */
const OWNER = {
  SALES_DEV_PROJECT: "acme-sales-dev",
  SALES_DEV_WEB_ACCESS: "81.2.69.0/24",
  SALES_ALERT_EMAILS: "data@acme.eu",
};

/** Stand-ins on PATH: each logs its arguments and gives the first answer that matches them. */
interface Machine {
  readonly terraform?: boolean;
  readonly gcloud?: readonly (readonly [pattern: string, answer: string])[];
  /** What every query of `bq` prints. */
  readonly bq?: string;
  readonly planCode?: number;
  /** Shell commands of `terraform apply`, and what `terraform state list` prints. */
  readonly apply?: string;
  readonly state?: string;
  /** What `terraform show -json` says of the plan. */
  readonly planned?: object;
  readonly variables?: Readonly<Record<string, string>>;
}

const GOOD: NonNullable<Machine["gcloud"]> = [
  ["version*", "echo Google Cloud SDK 500"],
  ["auth application-default print-access-token*", "echo secret-token"],
  ["projects describe*", "echo ACTIVE"],
  ["billing projects describe*", "echo True"],
  ["services list*", "echo storage.googleapis.com"],
  ["storage buckets describe*", "echo True"],
];

/** One answer differs, all others are good. */
const bad = (pattern: string, answer: string): Machine => ({
  gcloud: GOOD.map(([known, good]) => [known, known === pattern ? answer : good] as const),
});

/** A folder with the stand-ins, and the log that they write. */
function tools(machine: Machine): { folder: string; log: string } {
  const folder = mkdtempSync(join(tmpdir(), "commands-"));
  const log = join(folder, "log");
  writeFileSync(log, "");
  symlinkSync(process.execPath, join(folder, "node"));
  const tool = (name: string, cases: readonly (readonly [string, string])[]): void => {
    const body = cases
      .map(([pattern, answer]) => `${pattern.replaceAll(" ", "\\ ")}) ${answer} ;;`)
      .join("\n");
    writeFileSync(
      join(folder, name),
      `#!/bin/sh\necho "${name} $*" >> ${log}\ncase "$*" in\n${body}\n*) exit 9 ;;\nesac\n`,
    );
    chmodSync(join(folder, name), 0o755);
  };
  tool("gcloud", machine.gcloud ?? GOOD);
  tool("sleep", [["*", "exit 0"]]);
  if (machine.bq !== undefined) tool("bq", [["*", `echo '${machine.bq}'`]]);
  if (machine.terraform !== false)
    tool("terraform", [
      ["version*", `echo '{"terraform_version": "1.9.0"}'`],
      ["init*", "exit 0"],
      ["plan*", `exit ${machine.planCode ?? 2}`],
      ["apply*", machine.apply ?? "exit 0"],
      ["state list*", `echo "${machine.state ?? ""}"`],
      ["show*", `echo '${JSON.stringify(machine.planned ?? {})}'`],
      ["output*", "echo '{}'"],
    ]);
  return { folder, log };
}

function run(command: string, machine: Machine, ...args: readonly string[]) {
  const { folder, log } = tools(machine);
  const done = spawnSync(process.execPath, [`scripts/${command}.mjs`, ...args], {
    cwd: checkout,
    encoding: "utf8",
    env: {
      PATH: folder,
      HOME: process.env.HOME,
      CI: process.env.CI,
      ...OWNER,
      ...machine.variables,
    },
  });
  const lines = readFileSync(log, "utf8").split("\n").filter(Boolean);
  return {
    code: done.status,
    stdout: done.stdout,
    text: `${done.stdout}${done.stderr}`,
    stderr: done.stderr,
    lines,
  };
}

const changes = (lines: readonly string[]): string[] =>
  lines.filter((line) => line.startsWith("terraform apply"));

test("deploy of a fourth environment synthesizes, plans, applies that plan, and looks at the outputs", () => {
  const { code, text, lines } = run("deploy", {}, "demo", "--yes");
  const stacks = readdirSync(join(checkout, "cdktf.out/stacks"));
  expect(stacks.sort()).toEqual(["bootstrap", "demo", "dev", "prod", "staging"]);
  expect(lines).toContain("gcloud projects describe sales-analytics-demo --format=value(lifecycleState)");
  expect(
    lines.filter((line) => line.startsWith("terraform")).map((line) => line.split(" ").slice(0, 2).join(" ")),
  ).toEqual([
    "terraform version",
    "terraform version",
    "terraform init",
    "terraform state",
    "terraform plan",
    "terraform show",
    "terraform apply",
    "terraform output",
  ]);
  expect(changes(lines)).toEqual(["terraform apply -lock-timeout=5m plan.tfplan"]);
  // The stand-in has no outputs: the check after the apply reports them.
  expect(text).toContain("outputs without a value after the apply: airflow_uri");
  expect(code).toBe(1);
  // The token is in no output.
  expect(text).not.toContain("secret-token");

  // A synth takes seconds: the tests that follow use these stacks.
  writeFileSync(join(checkout, "main.ts"), "");
}, 120_000);

const REFUSALS: readonly (readonly [string, Machine, string])[] = [
  ["no terraform", { terraform: false }, "install Terraform 1.5 or newer"],
  ["no gcloud", bad("version*", "exit 1"), "install the Google Cloud CLI"],
  [
    "no credentials",
    bad("auth application-default print-access-token*", "exit 1"),
    "gcloud auth application-default login",
  ],
  ["no project", bad("projects describe*", "exit 1"), "gcloud projects create acme-sales-dev"],
  ["a project on its way out", bad("projects describe*", "echo DELETE_REQUESTED"), "is not there"],
  [
    "no billing",
    bad("billing projects describe*", "echo False"),
    "gcloud billing projects link acme-sales-dev",
  ],
  [
    "APIs that cannot be listed",
    bad("services list*", "exit 1"),
    "gcloud services enable serviceusage.googleapis.com",
  ],
  ["no state bucket", bad("storage buckets describe*", "exit 1"), "npm run deploy -- bootstrap"],
  ["a state bucket without versions", bad("storage buckets describe*", "echo"), "keeps no versions"],
];

describe("a cluster that the plan changes in place", () => {
  const CLUSTER = { name: "sales-demo-spark", region: "us-central1", project: "sales-analytics-demo" };
  const WHERE = "--region=us-central1 --project=sales-analytics-demo";
  const change = (...actions: readonly string[]) => ({
    resource_changes: [{ type: "google_dataproc_cluster", change: { actions, before: CLUSTER } }],
  });
  const deploy = (state: string, planned: object, more: Machine = {}) => {
    const gcloud: Machine["gcloud"] = [
      ...GOOD,
      ["dataproc clusters describe*", `echo ${state}`],
      ["dataproc clusters start*", "exit 0"],
      ["dataproc clusters stop*", "exit 0"],
    ];
    const { lines, code } = run("deploy", { gcloud, planned, ...more }, "demo", "--yes");
    const told = lines.filter((line) => /^(gcloud dataproc clusters st|terraform apply)/.test(line));
    return { told, code };
  };

  test("is started for that when it is stopped, and stopped again", () => {
    expect(deploy("STOPPED", change("update")).told).toEqual([
      `gcloud dataproc clusters start sales-demo-spark ${WHERE}`,
      "terraform apply -lock-timeout=5m plan.tfplan",
      `gcloud dataproc clusters stop sales-demo-spark ${WHERE}`,
    ]);
  });

  test("is stopped again when the apply failed", () => {
    const { told, code } = deploy("STOPPED", change("update"), { apply: "exit 1" });
    expect(told.at(-1)).toBe(`gcloud dataproc clusters stop sales-demo-spark ${WHERE}`);
    expect(code).toBe(1);
  });

  test.each([
    ["runs", "RUNNING", change("update")],
    ["is replaced", "STOPPED", change("delete", "create")],
    ["is not changed", "STOPPED", {}],
  ])("is left alone when it %s", (_, state, planned) => {
    expect(deploy(state, planned).told).toEqual(["terraform apply -lock-timeout=5m plan.tfplan"]);
  });
});

test("terraform installs no other package of the provider than the known ones", () => {
  const lock = join(checkout, "cdktf.out/stacks/demo/.terraform.lock.hcl");
  expect(run("diff", { planCode: 0 }, "demo").code).toBe(0);
  const text = readFileSync(lock, "utf8");
  // Eleven platforms and the list of them, each with its checksum.
  expect(new Set(text.match(/"zh:[0-9a-f]{64}"/g)).size).toBe(12);
  const stack = readFileSync(join(checkout, "cdktf.out/stacks/demo/cdk.tf.json"), "utf8");
  const { terraform } = JSON.parse(stack) as { terraform: { required_providers: object } };
  expect(terraform.required_providers).toEqual({ google: { source: "google", version: "6.50.0" } });
  expect(text).toContain('provider "registry.terraform.io/hashicorp/google" {\n  version     = "6.50.0"');
  // A mirror of one's own may hold packages that were built again.
  rmSync(lock);
  run("diff", { planCode: 0, variables: { TF_CLI_CONFIG_FILE: "/etc/terraformrc" } }, "demo");
  expect(existsSync(lock)).toBe(false);
});

test("the preflight refuses each thing that is missing in one line with its remedy", () => {
  // One process for all of them: the next test covers what a command does with such an error.
  const program = `
    import { requireAll } from "./scripts/deploy/preflight.mjs";
    import { Cloud } from "./scripts/deploy/preflight/cloud.mjs";
    import { requireTools } from "./scripts/deploy/preflight/tools.mjs";
    const stack = { projects: ["acme-sales-dev"], apis: [], stateBucket: "state", resources: () => [] };
    for (const folder of process.argv.slice(1)) {
      process.env.PATH = folder;
      try {
        requireTools();
        requireAll(stack, new Cloud());
        console.log("nothing is missing");
      } catch (error) {
        console.log(JSON.stringify([error.constructor.name, error.message]));
      }
    }`;
  const folders = [...REFUSALS.map(([, machine]) => machine), {}].map((machine) => tools(machine).folder);
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", program, ...folders], {
    cwd: checkout,
    encoding: "utf8",
  });
  const said = stdout.trim().split("\n");
  expect(said.at(-1)).toBe("nothing is missing");
  REFUSALS.forEach(([, , remedy], index) => {
    const [kind, message] = JSON.parse(said[index] ?? "") as [string, string];
    expect([kind, message]).toEqual(["UserError", expect.stringContaining(remedy)]);
    expect(message).not.toContain("\n");
  });
}, 60_000);

test.each([
  ["before the synth", { terraform: false }, "install Terraform 1.5 or newer"],
  ["after the synth", bad("storage buckets describe*", "exit 1"), "npm run deploy -- bootstrap"],
] as const)(
  "what the preflight refuses %s ends a deployment before it plans anything",
  (_, machine, remedy) => {
    const { code, stderr, lines } = run("deploy", machine, "dev", "--yes");
    const errors = stderr.split("\n").filter((line) => line.startsWith("error:"));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(remedy);
    expect(stderr).not.toContain("    at ");
    expect(code).toBe(1);
    expect(lines.filter((line) => /^terraform (init|plan|apply)/.test(line))).toEqual([]);
  },
  60_000,
);

test.each([
  [
    "deploy",
    "dev",
    ["projectId", "SALES_DEV_PROJECT"],
    ["orchestration.webAccess[0].range", "SALES_DEV_WEB_ACCESS"],
  ],
  ["diff", "dev", ["projectId", "SALES_DEV_PROJECT"], ["operations.alertEmails[0]", "SALES_ALERT_EMAILS"]],
  ["destroy", "dev", ["projectId", "SALES_DEV_PROJECT"]],
  ["deploy", "bootstrap", ["projectId", "SALES_DEV_PROJECT"]],
] as const)(
  "%s %s refuses placeholders in one line each before it asks the cloud anything",
  (command, name, ...expected) => {
    const empty = Object.fromEntries(Object.keys(OWNER).map((key) => [key, ""]));
    // The fourth environment has a project of its own: bootstrap would cover it.
    const file = join(checkout, "environments/demo.ts");
    const good = readFileSync(file, "utf8");
    writeFileSync(file, good.replace("sales-analytics-demo", "placeholder-demo"));
    const { code, stderr, lines } = run(command, { variables: empty }, name);
    writeFileSync(file, good);
    const errors = stderr.split("\n").filter((line) => line.startsWith("error: "));
    for (const [field = "", variable = ""] of expected)
      expect(
        errors.filter((line) => line.includes(`dev: ${field}: `) && line.includes(variable)),
      ).toHaveLength(1);
    expect(errors).toHaveLength(command === "destroy" || name === "bootstrap" ? 1 : 3);
    expect(code).toBe(1);
    expect(lines).toEqual([]);
  },
  60_000,
);

/** A script that fails the first `times` it runs, with these errors, and then succeeds. */
function failing(times: number, ...errors: readonly string[]): string {
  const counter = join(mkdtempSync(join(tmpdir(), "apply-")), "tries");
  writeFileSync(counter, "");
  const said = errors.map((error) => `echo "Error: ${error}" >&2`).join("; ");
  return `echo x >> ${counter}; [ $(/usr/bin/wc -l < ${counter}) -gt ${times} ] && exit 0; ${said}; exit 1`;
}

const KEY =
  "googleapi: Error 403: Permission denied on Cloud KMS key. Please ensure that your account is authorized., forbidden";
const AGENT =
  "Error 400: Service account service-1@dataproc-accounts.iam.gserviceaccount.com does not exist., badRequest";

test("what is refused only for a while is planned and applied again, said in words", () => {
  const { text, lines } = run("deploy", { apply: failing(2, KEY, AGENT) }, "dev", "--yes");
  expect(changes(lines)).toHaveLength(3);
  expect(lines.filter((line) => line === "sleep 60")).toHaveLength(2);
  expect(lines.filter((line) => line.startsWith("terraform plan"))).toHaveLength(3);
  expect(text).toContain(
    "a grant on a key is not in force yet, and a service agent does not exist yet: this passes by itself. The rest is planned and applied again in a minute, try 2 of 3.",
  );
  expect(text).not.toContain("terraform apply failed");
}, 60_000);

test.each([
  ["three times at most", failing(9, KEY), 3, "terraform apply failed 3 times"],
  [
    "never beside an error that stays",
    failing(9, KEY, "quota exceeded"),
    1,
    "terraform apply failed: see above",
  ],
])(
  "an apply is tried %s",
  (_, apply, tries, says) => {
    const { code, text, lines } = run("deploy", { apply }, "dev", "--yes");
    expect(changes(lines)).toHaveLength(tries);
    expect(text).toContain(says);
    expect(code).toBe(1);
  },
  60_000,
);

test("bootstrap does not remove an environment whose project is forgotten", () => {
  const state = "google_storage_bucket.prod_state_bucket_0A1B2C3D";
  const { code, stderr, lines } = run("deploy", { state }, "bootstrap", "--yes");
  expect(stderr).toContain(
    "error: bootstrap has made prod, and this run would delete its state bucket: set SALES_PROD_PROJECT as well",
  );
  expect(code).toBe(1);
  expect(changes(lines)).toEqual([]);
}, 60_000);

test("a plan that would replace a table is refused, with the statement that changes its column in place", () => {
  const table = (tableId: string, from: string, to: string) => ({
    type: "google_bigquery_table",
    change: {
      actions: ["delete", "create"],
      before: {
        project: "acme",
        dataset_id: "sales",
        table_id: tableId,
        schema: JSON.stringify([{ name: "pieces", type: from }]),
      },
      after: { schema: JSON.stringify([{ name: "pieces", type: to }]) },
    },
  });
  const view = table("days", "INTEGER", "NUMERIC");
  const planned = {
    resource_changes: [
      table("daily", "INTEGER", "NUMERIC"),
      table("texts", "INTEGER", "STRING"),
      { ...view, change: { ...view.change, before: { ...view.change.before, view: [{}] } } },
      { ...view, change: { ...view.change, actions: ["create"], before: null } },
      { type: "google_storage_bucket_object", change: { actions: ["delete", "create"] } },
    ],
  };
  const { code, stderr, lines } = run("deploy", { planned }, "dev", "--yes");
  expect(stderr.split("\n").filter((line) => line.startsWith("error: "))).toEqual([
    "error: acme.sales.daily would be replaced, and its rows lost: first run in BigQuery ALTER TABLE `acme.sales.daily` ALTER COLUMN pieces SET DATA TYPE NUMERIC;",
    "error: acme.sales.texts would be replaced, and its rows lost: keep the types and partitions of its columns",
  ]);
  expect(code).toBe(1);
  expect(changes(lines)).toEqual([]);
}, 60_000);

test("a name that is not free for a week is refused before anything is made, with the setting to raise", () => {
  const { code, stderr, lines } = run(
    "deploy",
    {
      gcloud: [
        ...GOOD,
        ["logging buckets describe*", "echo DELETE_REQUESTED"],
        [
          "kms keyrings describe*",
          "echo projects/acme-sales-dev/locations/us-central1/keyRings/sales-dev-regional-g1",
        ],
      ],
    },
    "dev",
    "--yes",
  );
  const errors = stderr.split("\n").filter((line) => line.startsWith("error: "));
  expect(errors).toEqual([
    "error: log bucket sales-dev-audit-g1 was deleted in the last seven days, as were database instances: raise operations.generation and database.generation in environments/dev.ts; if only the log was deleted, run `gcloud logging buckets undelete sales-dev-audit-g1 --location=us-central1 --project=acme-sales-dev`",
    "error: key ring sales-dev-regional-g1 is there for ever and is not in the state: raise customerKeys.generation in environments/dev.ts",
  ]);
  expect(code).toBe(1);
  expect(lines.filter((line) => /^terraform (plan|apply)/.test(line))).toEqual([]);
}, 60_000);

test("without a terminal and without --yes nothing is applied", () => {
  const { code, text, lines } = run("deploy", {}, "dev");
  expect(text).toContain("give --yes");
  expect(code).toBe(2);
  expect(changes(lines)).toEqual([]);
}, 60_000);

test.each([
  [2, 2, ["dev", "--exit-code"]],
  [2, 0, ["dev"]],
  [0, 0, ["dev", "--exit-code"]],
])(
  "diff: a plan that ends with %i gives %i for %j, and applies nothing",
  (planCode, expected, args) => {
    const { code, lines } = run("diff", { planCode }, ...args);
    expect(code).toBe(expected);
    expect(changes(lines)).toEqual([]);
  },
  60_000,
);

test.each([
  [["demo", "--exit-code"], 2, "demo differs from its plan"],
  [["qa"], 2, "there is no environment qa, there are dev, staging, prod, demo, bootstrap"],
  [[], 2, "diff takes one environment"],
  [["demo", "--force"], 2, "--force is not an option of diff"],
])(
  "diff %j",
  (args, expected, says) => {
    const { code, text } = run("diff", {}, ...args);
    expect(code).toBe(expected);
    expect(text).toContain(says);
  },
  60_000,
);

test("synth lists what it wrote, and not the folder that a removed environment left", () => {
  const gone = join(checkout, "cdktf.out/stacks/gone");
  mkdirSync(gone, { recursive: true });
  writeFileSync(join(gone, "cdk.tf.json"), "{}");
  const { code, stdout } = run("synth", {});
  expect(code).toBe(0);
  expect(
    stdout
      .replaceAll(/\d+ KiB/g, "n KiB")
      .trim()
      .split("\n")
      .slice(-5),
  ).toEqual(
    ["bootstrap", "demo", "dev", "prod", "staging"].map(
      (name) => `cdktf.out/stacks/${name}/cdk.tf.json (n KiB)`,
    ),
  );
  expect(stdout).not.toContain("gone");
  expect(existsSync(gone)).toBe(true);
  rmSync(gone, { recursive: true });
}, 60_000);

test("cost estimates a fourth environment by the volumes of its stage", () => {
  const { code, stdout } = run("cost", {});
  expect(code).toBe(0);
  expect(stdout).toMatch(/^component +bootstrap +(dev +demo|demo +dev) +staging +prod$/m);
  const [, , dev, demo] = /^total +([\d.,]+) +([\d.,]+) +([\d.,]+)/m.exec(stdout) ?? [];
  expect(Number(dev?.replace(",", ""))).toBeGreaterThan(100);
  expect(demo).toBe(dev);
  expect(stdout).toContain("Not estimated: nothing.");
}, 60_000);

test.each([
  ["diff", ["dev"]],
  ["synth", []],
  ["cost", []],
])(
  "%s shows a wrong setting as one line",
  (command, args) => {
    const file = join(checkout, "environments/demo.ts");
    const good = readFileSync(file, "utf8");
    writeFileSync(file, good.replace("...dev,", '...dev, region: "nowhere",'));
    // The settings are read where a synth begins.
    const main = join(checkout, "main.ts");
    writeFileSync(main, readFileSync(join(__dirname, "../../main.ts")));
    const { code, stderr } = run(command, {}, ...args);
    writeFileSync(main, "");
    writeFileSync(file, good);
    expect(stderr).toBe(
      "error: the environments cannot be read: demo: region: 'nowhere' is not a region, write for example us-central1\n",
    );
    expect(code).toBe(2);
  },
  60_000,
);

test.each([
  ["advise", [], 2, "usage: npm run advise -- ENVIRONMENT, or npm run advise -- --warehouse DIR"],
  ["advise", ["demo"], 1, "bq cannot read sales-analytics-demo"],
  ["stream", [], 2, "--warehouse is missing"],
  ["stream", ["--warehouse", "none"], 2, "none: has no warehouse.duckdb: run `npm run etl` on it first"],
  ["stream", ["--warehouse", "none", "--out", "environments"], 2, "none: has no warehouse.duckdb"],
] as const)(
  "%s %j names what is missing in one line",
  (command, args, expected, says) => {
    const { code, stderr } = run(command, {}, ...args);
    const errors = stderr.split("\n").filter((line) => line.startsWith("error: "));
    expect(errors).toEqual([expect.stringContaining(says)]);
    expect(stderr).not.toContain("    at ");
    expect(code).toBe(expected);
  },
  60_000,
);

test("advise says nothing without a history", () => {
  const { code, stdout } = run("advise", { bq: "[]" }, "demo");
  expect(stdout).toContain("0 runs in 0 days\n20 runs in 28 days are needed");
  expect(stdout).not.toContain("demo:");
  expect(code).toBe(0);
}, 60_000);

test("destroy refuses a protected environment before it asks anything", () => {
  const { code, text, lines } = run("destroy", {}, "prod", "--yes");
  expect(text).toContain("DECOMMISSION=prod npm run deploy -- prod");
  expect(code).toBe(1);
  expect(lines).toEqual([]);
}, 60_000);

test.each(["dev", "demo"])(
  "destroy of %s plans a destruction and applies that plan",
  (name) => {
    const { code, lines } = run("destroy", {}, name, "--yes");
    expect(lines.find((line) => line.startsWith("terraform plan"))).toContain("-destroy");
    expect(changes(lines)).toHaveLength(1);
    expect(code).toBe(0);
  },
  60_000,
);

// Follows docs/runbooks/first-deployment.md from an empty folder of settings to "It worked when". Stand-ins for gcloud,
// terraform and gh keep a small cloud in files: a project is there once it was made, a state bucket once bootstrap was applied.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { Checkout } from "./how-to-checkout";

const ROOT = join(__dirname, "../..");
const page = readFileSync(join(ROOT, "docs/runbooks/first-deployment.md"), "utf8");
const checkout = new Checkout();
const cloud = mkdtempSync(join(tmpdir(), "cloud-"));
const tools = mkdtempSync(join(tmpdir(), "tools-"));

/** What an owner chooses for the examples of the page. */
const OWN: readonly (readonly [string, string])[] = [
  ["your-project-id", "acme-sales-dev"],
  ["your.office.network/24", "81.2.69.0/24"],
  ["you@your-company", "data@acme.eu"],
  ["ACCOUNT_ID", "012345-6789AB-CDEF01"],
];

/** Shell blocks of a numbered step, in their order. */
function blocks(step: number): string[] {
  const start = page.search(new RegExp(`^${step}\\. `, "m"));
  const next = page.slice(start).search(new RegExp(`^(?:${step + 1}\\. |\\*\\*It worked)`, "m"));
  const text = page.slice(start, start + next);
  return [...text.matchAll(/^ *```\n(.*?)^ *```/gms)].map(([, block = ""]) =>
    OWN.reduce((all, [example, own]) => all.replaceAll(example, own), block),
  );
}

const tool = (name: string, body: string): void => {
  writeFileSync(join(tools, name), `#!/bin/bash\necho "${name} $*" >> ${cloud}/log\n${body}\n`);
  chmodSync(join(tools, name), 0o755);
};
tool(
  "gcloud",
  `case "$*" in
version*) echo Google Cloud SDK 500 ;;
"auth application-default login") touch ${cloud}/login ;;
"auth application-default print-access-token") [ -e ${cloud}/login ] && echo secret-token ;;
"projects create "*) touch ${cloud}/project-$3 ;;
"billing projects link "*) [ -e ${cloud}/project-$4 ] && touch ${cloud}/billing-$4 ;;
"projects describe "*) [ -e ${cloud}/project-$3 ] && echo ACTIVE ;;
"billing projects describe "*) [ -e ${cloud}/billing-$4 ] && echo True ;;
"services list "*) cat ${cloud}/apis 2>/dev/null || echo storage.googleapis.com ;;
"services enable "*) echo compute.googleapis.com >> ${cloud}/apis ;;
"storage buckets describe "*) [ -e ${cloud}/applied-bootstrap ] && echo True ;;
"compute project-info describe "*) grep -q compute ${cloud}/apis && echo '{"name": "acme"}' ;;
"compute regions describe "*) echo '{"quotas": [{"metric": "SSD_TOTAL_GB", "limit": 500, "usage": 0}, {"metric": "CPUS", "limit": 24, "usage": 0}]}' ;;
*) exit 1 ;;
esac`,
);
tool(
  "terraform",
  `stack=$(basename "$PWD"); case "$*" in -chdir=*) stack=$(basename "\${1#-chdir=}"); shift ;; esac
case "$*" in
version*) echo '{"terraform_version": "1.9.0"}' ;;
init*) echo "$stack $*" >> ${cloud}/inits ;;
"state list") exit 0 ;;
plan*) [ -e ${cloud}/applied-$stack ] && exit 0; exit 2 ;;
apply*) touch ${cloud}/applied-$stack ;;
"output -json") [ -e ${cloud}/applied-$stack ] && ${process.execPath} -e '
  const { output = {} } = JSON.parse(require("fs").readFileSync("cdk.tf.json", "utf8"));
  console.log(JSON.stringify(Object.fromEntries(Object.keys(output).map((key) => [key, { value: "made" }]))));' ;;
*) exit 1 ;;
esac`,
);
tool("gh", `case "$*" in *.owner.id*) echo 42 ;; *.id*) echo 7001 ;; *) exit 1 ;; esac`);
// npm itself only starts the script; a question on the terminal is answered.
tool(
  "npm",
  `[ "$1" = run ] || exit 1; script=$2; shift 2; [ "$1" = -- ] && shift
[ $script = deploy ] && set -- "$@" --yes
exec ${process.execPath} scripts/$script.mjs "$@"`,
);

/** Variables that the steps have exported so far. */
let exported: Record<string, string> = {};

/** Runs a block as the page has it, in one shell; keeps what it exports. */
function run(block: string, variables = exported) {
  const others = Object.entries(process.env).filter(([name]) => !/^(SALES_|BOOTSTRAP_)/.test(name));
  const file = join(cloud, "exported");
  rmSync(file, { force: true });
  const script = `set -e\n${block}\nenv -0 > ${file}`;
  const { status, stdout, stderr } = spawnSync("bash", ["-c", script], {
    cwd: checkout.folder,
    encoding: "utf8",
    env: {
      ...Object.fromEntries(others),
      ...variables,
      CHECKPOINT_DISABLE: "1",
      PATH: [tools, dirname(process.execPath), "/usr/bin", "/bin"].join(delimiter),
    },
  });
  const found = existsSync(file) ? readFileSync(file, "utf8").split("\0") : [];
  const kept = found
    .filter((line) => /^(SALES_|BOOTSTRAP_)/.test(line))
    .map((line) => line.split(/=(.*)/s).slice(0, 2));
  return {
    status,
    text: `${stdout}${stderr}`,
    stdout,
    exported: Object.fromEntries(kept) as Record<string, string>,
  };
}
const log = (): string => readFileSync(join(cloud, "log"), "utf8");
const deploy = (name: string) => run(`npm run deploy -- ${name}`);

mkdirSync(tools, { recursive: true });
writeFileSync(join(cloud, "log"), "");

test("0: before the values are there, a deployment names each that is missing, by its variable of the table", () => {
  const { status, text } = deploy("dev");
  expect(status).toBe(1);
  const table = page.slice(page.search(/^0\. /m), page.search(/^1\. /m));
  const named = [...text.matchAll(/set (SALES_\w+)/g)].map(([, name = ""]) => name);
  expect(named).toEqual(["SALES_DEV_PROJECT", "SALES_DEV_WEB_ACCESS", "SALES_ALERT_EMAILS"]);
  for (const name of named) expect(table).toContain(`| \`${name}\``);
  expect(log()).not.toContain("gcloud");
}, 60_000);

test("0: the commands of the table print the ids of the repository", () => {
  const ids = [...page.matchAll(/`(gh api [^`]+)`/g)].map(([, command = ""]) => run(command).stdout.trim());
  expect(ids).toEqual(["7001", "42"]);
});

test("1: signing in and making the project is all that bootstrap needs", () => {
  const [block = "", ...others] = blocks(1);
  expect(others).toEqual([]);
  const exports = [...block.matchAll(/^ *(export .*)$/gm)].map(([, line]) => line).join("\n");
  exported = run(exports).exported;
  expect(Object.keys(exported).sort()).toEqual([
    "SALES_ALERT_EMAILS",
    "SALES_DEV_PROJECT",
    "SALES_DEV_WEB_ACCESS",
  ]);
  expect(deploy("bootstrap").text).toContain("run `gcloud auth application-default login`");
  expect(run("gcloud auth application-default login").status).toBe(0);
  expect(deploy("bootstrap").text).toContain("make it with `gcloud projects create acme-sales-dev`");
  expect(run(block).status).toBe(0);
}, 120_000);

test("2: bootstrap comes before the environment, for this one alone", () => {
  expect(deploy("dev").text).toContain("run `npm run deploy -- bootstrap` first");
  const [block = ""] = blocks(2);
  const { status, text } = run(block);
  expect(text).toContain("next: npm run deploy -- ENVIRONMENT");
  expect(status).toBe(0);
  const stack = JSON.parse(checkout.read("cdktf.out/stacks/bootstrap/cdk.tf.json")) as {
    provider: { google: { project: string }[] };
  };
  expect(stack.provider.google.map(({ project }) => project)).toEqual(["acme-sales-dev"]);
}, 120_000);

test("2: with a repository it ends with the values for CI that the page lists", () => {
  const repository = {
    SALES_CI_REPOSITORY: "acme/sales",
    SALES_CI_REPOSITORY_ID: "7001",
    SALES_CI_OWNER_ID: "42",
  };
  rmSync(join(cloud, "applied-bootstrap"));
  const { status, stdout } = run("npm run deploy -- bootstrap", { ...exported, ...repository });
  expect(status).toBe(0);
  const outputs = [...page.matchAll(/output `(\w+)`/g)].map(([, name = ""]) => name);
  expect(outputs).toHaveLength(4);
  for (const output of outputs) expect(stdout).toContain(`${output} = `);
}, 120_000);

test("3: the state of bootstrap moves into the state bucket", () => {
  const step = page.slice(page.search(/^3\. /m), page.search(/^4\. /m)).replaceAll(/\s+/g, " ");
  const commands = [...step.matchAll(/`((?:npm|terraform) [^`]+)`/g)].map(([, command = ""]) => command);
  expect(commands).toHaveLength(2);
  const { status } = run(commands.join("\n"), {
    ...exported,
    BOOTSTRAP_STATE_BUCKET: "acme-sales-dev-tfstate",
  });
  expect(status).toBe(0);
  const { terraform } = JSON.parse(checkout.read("cdktf.out/stacks/bootstrap/cdk.tf.json")) as {
    terraform: { backend: unknown };
  };
  expect(terraform.backend).toEqual({ gcs: { bucket: "acme-sales-dev-tfstate", prefix: "bootstrap" } });
  expect(readFileSync(join(cloud, "inits"), "utf8")).toContain("bootstrap init -migrate-state");
}, 120_000);

test("4: the plan changes nothing, the deployment ends with the outputs", () => {
  const [block = ""] = blocks(4);
  const [diff = "", apply = ""] = block.trim().split(/\n\s*/);
  const planned = run(diff);
  expect(planned.text).toContain("dev differs from its plan");
  expect(existsSync(join(cloud, "applied-dev"))).toBe(false);
  const { status, stdout } = run(apply);
  expect(status).toBe(0);
  for (const output of ["airflow_uri", "data_bucket", "database_instance"])
    expect(stdout).toContain(`${output} = `);
  expect(stdout).toContain(
    "next: the DAG rotate_database_password makes the first password; then start sales_analytics_etl",
  );
  expect(run(diff).text).toContain("dev is as planned");
  // The quotas were read once the API that knows them was there, and before the apply.
  const calls = log().split("\n");
  const quotas = calls.findIndex((line) => line.startsWith("gcloud compute regions describe"));
  expect(quotas).toBeGreaterThan(
    calls.findIndex((line) => line.startsWith("gcloud services enable compute")),
  );
  expect(quotas).toBeLessThan(calls.lastIndexOf("terraform apply -lock-timeout=5m plan.tfplan"));
  expect(log()).not.toContain("secret-token");
}, 180_000);

test("It worked when: the DAG is there, every quarter of an hour, and makes a password where there is none", () => {
  const done = page.slice(page.indexOf("**It worked when**"), page.indexOf("**What can go wrong:**"));
  const [, rotate = ""] = /the DAG `(\w+)`/.exec(done) ?? [];
  const [, start = ""] = /start `(\w+)`/.exec(done) ?? [];
  const dag = readFileSync(join(ROOT, `dags/${rotate}_dag.py`), "utf8");
  expect(dag).toContain(`dag_id="${rotate}"`);
  expect(dag).toContain('schedule="*/15 * * * *"');
  expect(done).toContain("about 15 minutes");
  expect(readFileSync(join(ROOT, "dags/sales_etl_dag.py"), "utf8")).toContain(`"${start}"`);
});

test("What can go wrong: the page says as often as the command tries, and the command that it names is right", () => {
  const { TRIES = "" } =
    /TRIES = (?<TRIES>\d+)/.exec(readFileSync(join(ROOT, "scripts/deploy/retry.mjs"), "utf8"))?.groups ?? {};
  expect([TRIES, page.includes("at most twice")]).toEqual(["3", true]);
  expect(page).toContain(
    "gcloud beta services identity create --service=SERVICE.googleapis.com --project=PROJECT",
  );
});

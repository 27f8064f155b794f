import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { environments } from "../../environments";
import { STAGES } from "../../environments/environment";

const ROOT = join(__dirname, "../..");
const folder = join(ROOT, ".github/workflows");
const files = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")] as const);
const read = (name: string): string => readFileSync(join(folder, name), "utf8");
const action = [
  "action.yml",
  readFileSync(join(ROOT, ".github/actions/prepare/action.yml"), "utf8"),
] as const;
const scripts = Object.keys(
  (JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { scripts: object }).scripts,
);

test.each([...files, action])("%s pins every action by its commit, with the version beside it", (_, text) => {
  const used = [...text.matchAll(/uses: (.+)/g)].map(([, name]) => name ?? "");
  expect(used.length).toBeGreaterThan(0);
  expect(used.filter((name) => !/^(\.\/|[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$)/.test(name))).toEqual([]);
});

test.each(files)(
  "%s starts from no permission, reads no secret and leaves no token in the checkout",
  (_, text) => {
    expect(text).toMatch(/^permissions: \{\}$/m);
    expect(text).not.toContain("secrets.");
    const checkouts = text.match(/uses: actions\/checkout@/g) ?? [];
    expect(text.match(/persist-credentials: false/g) ?? []).toHaveLength(checkouts.length);
  },
);

test.each(files)("%s runs commands that exist", (_, text) => {
  const named = [...text.matchAll(/npm run (?:--silent )?([a-z]+)/g)].map(([, name]) => name ?? "");
  const commands = [...text.matchAll(/^ +command: ([a-z]+)$/gm)].map(([, name]) => name ?? "");
  expect([...named, ...commands].filter((name) => !scripts.includes(name))).toEqual([]);
});

test("no workflow names an environment: matrices come from the list", () => {
  for (const [, text] of files)
    for (const { name } of environments) {
      // `staging` is the name of an environment and of a stage.
      const meant = (STAGES as readonly string[]).includes(name)
        ? `environment: ${name}\\b`
        : `\\b${name}\\b`;
      expect(text).not.toMatch(new RegExp(meant));
    }
  for (const name of ["drift.yml", "pull-request.yml"])
    expect(read(name)).toContain("environment: ${{ fromJSON(needs.environments.outputs.all) }}");
});

test("the list that the workflows read has every environment, and each in its stage", () => {
  const { stdout, status } = spawnSync(process.execPath, ["scripts/environments.mjs"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  expect(status).toBe(0);
  const lists = stdout
    .trim()
    .split("\n")
    .map((line) => line.split("=") as [string, string]);
  const names = (stage?: string): string[] =>
    environments.filter((one) => stage === undefined || one.stage === stage).map(({ name }) => name);
  expect(lists.map(([key, json]) => [key, JSON.parse(json) as unknown])).toEqual([
    ["all", names()],
    ...STAGES.map((stage) => [stage, names(stage)]),
  ]);
  const outputs = read("environments.yml");
  for (const [key] of lists) {
    expect(outputs).toContain(`value: \${{ jobs.list.outputs.${key} }}`);
    expect(outputs).toContain(`${key}: \${{ steps.list.outputs.${key} }}`);
  }
});

test("a deploy goes stage by stage, one environment at a time, by the command that operators run", () => {
  const text = read("deploy.yml");
  const jobs = text.split(/^ {2}(?=\w+:$)/m);
  const job = (name: string): string => jobs.find((part) => part.startsWith(`${name}:`)) ?? "";
  // GitHub refuses an empty matrix: each stage with a job needs an environment, and each environment a job.
  const used = STAGES.filter((stage) => environments.some((one) => one.stage === stage));
  expect(STAGES.filter((stage) => job(stage) !== "")).toEqual(used);
  used.forEach((stage, index) => {
    const before = used[index - 1];
    expect(job(stage)).toContain(
      before === undefined ? "needs: [verify, environments]" : `needs: [environments, ${before}]`,
    );
    expect(job(stage)).toContain(`environment: \${{ fromJSON(needs.environments.outputs.${stage}) }}`);
    expect(job(stage)).toContain("max-parallel: 1");
    expect(job(stage)).not.toContain("fail-fast");
    expect(job(stage)).toMatch(/command: deploy\n +arguments: --yes/);
  });
});

test("a pull request plans as the plan account: in no environment, never as the deploy account, without a lock", () => {
  const text = read("pull-request.yml");
  expect(text).not.toMatch(/^ {4}environment:/m);
  expect(text).not.toContain("DEPLOY_ACCOUNT");
  const variable = (part: string): string =>
    `\${{ vars[format('SALES_{0}_PLAN_${part}', matrix.environment)] }}`;
  expect(text.match(/^ +workload_identity_provider: .*$/gm)?.map((line) => line.trim())).toEqual([
    `workload_identity_provider: ${variable("PROVIDER")} # zizmor: ignore[obfuscation]`,
  ]);
  expect(text.match(/^ +service_account: .*$/gm)?.map((line) => line.trim())).toEqual([
    `service_account: ${variable("ACCOUNT")} # zizmor: ignore[obfuscation]`,
  ]);
  expect(text).toContain("TF_CLI_ARGS_plan: -lock=false");
});

test("workflows that deploy run on main or by hand only, as the deploy account requires", () => {
  const triggers = (name: string): string[] => {
    const [, block = ""] = /^on:\n((?: .*\n)+)/m.exec(read(name)) ?? [];
    return [...block.matchAll(/^ {2}(\w+):/gm)].map(([, event]) => event ?? "");
  };
  expect(triggers("deploy.yml")).toEqual(["push"]);
  expect(read("deploy.yml")).toContain("branches: [main]");
  expect(triggers("drift.yml")).toEqual(["schedule", "workflow_dispatch"]);
  expect(triggers("environment.yml")).toEqual(["workflow_call"]);
});

test("workflows that plan or deploy pass on all variables: a budget without its variable would be removed", () => {
  for (const name of ["pull-request.yml", "environment.yml"])
    expect(read(name)).toContain("SALES_VARIABLES: ${{ toJSON(vars) }}");
});

test("Renovate moves cdktf, constructs and the provider together", () => {
  const { packageRules } = JSON.parse(readFileSync(join(ROOT, "renovate.json"), "utf8")) as {
    packageRules: { matchPackageNames?: string[]; groupName?: string }[];
  };
  const group = packageRules.find(({ groupName }) => groupName === "CDK for Terraform");
  expect(group?.matchPackageNames).toEqual(["cdktf", "cdktf-cli", "constructs", "@cdktf/provider-google"]);
});

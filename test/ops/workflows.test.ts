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
/** Jobs of a workflow, by name, as text. */
const jobsOf = (text: string): [string, string][] => {
  const [, jobs = ""] = text.split(/^jobs:\n/m);
  return jobs
    .split(/^ {2}(?=[\w-]+:$)/m)
    .filter((part) => part.trim() !== "")
    .map((part) => [/^[\w-]+/.exec(part)?.[0] ?? "", part]);
};
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

/** What `npm run environments` prints with these variables of the repository. */
function listed(variables: Readonly<Record<string, string>>) {
  return spawnSync(process.execPath, ["scripts/environments.mjs"], {
    cwd: ROOT,
    encoding: "utf8",
    env: { PATH: process.env.PATH, HOME: process.env.HOME, SALES_VARIABLES: JSON.stringify(variables) },
  });
}

test("an environment without a project is in no list: nobody can plan or deploy it", () => {
  expect(listed({ SALES_DEV_PROJECT: "acme-sales-dev" }).stdout).toBe(
    'all=["dev"]\ndevelopment=["dev"]\nstaging=[]\nproduction=[]\n',
  );
  expect(read("environments.yml")).toContain("SALES_VARIABLES: ${{ toJSON(vars) }}");
  for (const name of ["drift.yml", "pull-request.yml"])
    expect(read(name)).toContain("needs.environments.outputs.all != '[]'");
});

test("the list that the workflows read has every environment, and each in its stage", () => {
  const owned = environments.map(({ name }) => [`SALES_${name.toUpperCase()}_PROJECT`, `acme-sales-${name}`]);
  const { stdout, status } = listed(Object.fromEntries(owned) as Record<string, string>);
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
  const job = (name: string): string => new Map(jobsOf(text)).get(name) ?? "";
  // GitHub refuses an empty matrix: each stage with a job needs an environment, and each environment a job.
  const used = STAGES.filter((stage) => environments.some((one) => one.stage === stage));
  expect(STAGES.filter((stage) => job(stage) !== "")).toEqual(used);
  used.forEach((stage, index) => {
    const before = used[index - 1];
    expect(job(stage)).toContain(
      `needs: [${["verify", "environments", ...used.slice(0, index)].join(", ")}]`,
    );
    // A list may be empty; what comes after a stage without environments still runs, what comes after a failure does not.
    const some = `needs.environments.outputs.${stage} != '[]'`;
    expect(job(stage)).toMatch(
      new RegExp(`^ {4}if: "?${before === undefined ? "" : "!failure\\(\\) && !cancelled\\(\\) && "}`, "m"),
    );
    expect(job(stage)).toContain(some);
    expect(job(stage)).toContain(`environment: \${{ fromJSON(needs.environments.outputs.${stage}) }}`);
    expect(job(stage)).toContain("max-parallel: 1");
    expect(job(stage)).not.toContain("fail-fast");
    expect(job(stage)).toMatch(/command: deploy\n +arguments: --yes/);
  });
});

test("a plan is made as the plan account: in no environment, never as the deploy account, without a lock", () => {
  const text = read("plan.yml");
  expect(text).not.toMatch(/^ {4}environment:/m);
  const variable = (part: string): string =>
    `\${{ vars[format('SALES_{0}_PLAN_${part}', inputs.environment)] }}`;
  expect(text.match(/^ +workload_identity_provider: .*$/gm)?.map((line) => line.trim())).toEqual([
    `workload_identity_provider: ${variable("PROVIDER")} # zizmor: ignore[obfuscation]`,
  ]);
  expect(text.match(/^ +service_account: .*$/gm)?.map((line) => line.trim())).toEqual([
    `service_account: ${variable("ACCOUNT")} # zizmor: ignore[obfuscation]`,
  ]);
  expect(text).toContain("TF_CLI_ARGS_plan: -lock=false");
  for (const name of ["plan.yml", "pull-request.yml", "drift.yml"])
    expect(read(name)).not.toContain("DEPLOY_ACCOUNT");
});

test("drift is found without a reviewer, and holds up no deploy: no environment, no concurrency group", () => {
  const text = read("drift.yml");
  expect(text).not.toContain("concurrency:");
  expect(new Map(jobsOf(text)).get("drift")).toContain("uses: ./.github/workflows/plan.yml");
  expect(text).not.toContain("environment.yml");
  expect(text).toContain("arguments: --exit-code");
  expect(read("plan.yml")).not.toContain("concurrency:");
});

test("a deploy that waits for a reviewer holds up its own environment only", () => {
  const [before = ""] = read("deploy.yml").split(/^jobs:/m);
  expect(before).not.toContain("concurrency:");
  expect(read("environment.yml")).toContain("group: environment-${{ inputs.environment }}");
});

test("no job that can write to the repository runs its code", () => {
  const writing = files.flatMap(([file, text]) =>
    jobsOf(text)
      .filter(([, job]) => /^ +(?!id-token)[\w-]+: write/m.test(job))
      .map(([name, job]) => [file, name, job] as const),
  );
  expect(writing.map(([file, name]) => `${file} ${name}`)).toEqual(["pull-request.yml comment"]);
  for (const [, , job] of writing) expect(job).not.toMatch(/checkout|uses: \.\/|npm|node /);
  // The token of every other job comes from its own permissions.
  for (const [, text] of files) expect(text).not.toMatch(/write-all|GITHUB_TOKEN/);
});

test("terraform validates the stacks wherever the tests run, and cannot be left out", () => {
  const testing = files.flatMap(([, text]) => jobsOf(text).filter(([, job]) => /run: npm test$/m.test(job)));
  expect(testing.length).toBe(2);
  for (const [, job] of testing) {
    expect(job).toContain("uses: hashicorp/setup-terraform@");
    expect(job).toMatch(/run: npm test\n +env:\n +SALES_REQUIRE_TERRAFORM: "1"/);
  }
});

test("CI and the development container have a Node that is maintained", () => {
  const major = readFileSync(join(ROOT, ".nvmrc"), "utf8").trim();
  expect(Number(major)).toBeGreaterThanOrEqual(22);
  expect(action[1]).toContain("node-version-file: .nvmrc");
  expect(readFileSync(join(ROOT, ".devcontainer/devcontainer.json"), "utf8")).toContain(
    `"ghcr.io/devcontainers/features/node:1": { "version": "${major}" }`,
  );
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
  expect(triggers("plan.yml")).toEqual(["workflow_call"]);
});

test("workflows that plan or deploy pass on all variables: a budget without its variable would be removed", () => {
  for (const name of ["plan.yml", "environment.yml"]) {
    expect(read(name)).toContain("SALES_VARIABLES: ${{ toJSON(vars) }}");
    // The same repository that bootstrap trusts: the links of alerts are part of the plan.
    expect(read(name)).toContain("SALES_CI_REPOSITORY: ${{ github.repository }}");
    expect(read(name)).toContain("SALES_CI_REPOSITORY_ID: ${{ github.repository_id }}");
    expect(read(name)).toContain("SALES_CI_OWNER_ID: ${{ github.repository_owner_id }}");
  }
});

test("Renovate moves cdktf, constructs and the provider together", () => {
  const { packageRules } = JSON.parse(readFileSync(join(ROOT, "renovate.json"), "utf8")) as {
    packageRules: { matchPackageNames?: string[]; groupName?: string }[];
  };
  const group = packageRules.find(({ groupName }) => groupName === "CDK for Terraform");
  expect(group?.matchPackageNames).toEqual(["cdktf", "cdktf-cli", "constructs", "@cdktf/provider-google"]);
});

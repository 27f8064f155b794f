import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(__dirname, "../..");
const folder = join(ROOT, ".github/workflows");
const files = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")] as const);
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

test("a deploy goes through dev and staging before prod, each by the command that a person runs", () => {
  const text = readFileSync(join(folder, "deploy.yml"), "utf8");
  expect([...text.matchAll(/^ +needs: (\w+)$/gm)].map(([, name]) => name)).toEqual([
    "verify",
    "dev",
    "staging",
  ]);
  expect(text.match(/command: deploy\n +arguments: --yes/g)).toHaveLength(3);
});

test("a pull request plans as the plan account: in no environment, never as the deploy account, without a lock", () => {
  const text = readFileSync(join(folder, "pull-request.yml"), "utf8");
  expect(text).not.toMatch(/^ {4}environment:/m);
  expect(text).not.toContain("DEPLOY_ACCOUNT");
  for (const name of ["DEV", "STAGING", "PROD"]) {
    expect(text).toContain(`account: \${{ vars.SALES_${name}_PLAN_ACCOUNT }}`);
    expect(text).toContain(`provider: \${{ vars.SALES_${name}_PLAN_PROVIDER }}`);
  }
  expect(text.match(/^ +service_account: (.*)$/gm)).toEqual([
    "          service_account: ${{ matrix.account }}",
  ]);
  expect(text).toContain("TF_CLI_ARGS_plan: -lock=false");
});

test("what deploys runs on main or by hand alone, which is what the deploy account takes", () => {
  const triggers = (name: string): string[] => {
    const [, block = ""] = /^on:\n((?: .*\n)+)/m.exec(readFileSync(join(folder, name), "utf8")) ?? [];
    return [...block.matchAll(/^ {2}(\w+):/gm)].map(([, event]) => event ?? "");
  };
  expect(triggers("deploy.yml")).toEqual(["push"]);
  expect(readFileSync(join(folder, "deploy.yml"), "utf8")).toContain("branches: [main]");
  expect(triggers("drift.yml")).toEqual(["schedule", "workflow_dispatch"]);
  expect(triggers("environment.yml")).toEqual(["workflow_call"]);
});

test("what the environments read is passed on by both workflows that synthesize them: a budget that CI forgot would be removed", () => {
  const read = ["dev", "staging", "prod"].flatMap((name) => [
    ...readFileSync(join(ROOT, `environments/${name}.ts`), "utf8").matchAll(/variable\("(\w+)"\)/g),
  ]);
  expect(read).toHaveLength(6);
  for (const file of ["pull-request.yml", "environment.yml"]) {
    const text = readFileSync(join(folder, file), "utf8");
    for (const [, name = ""] of read) expect(text).toContain(`${name}: \${{ vars.${name} }}`);
  }
});

test("Renovate moves cdktf, constructs and the provider together", () => {
  const { packageRules } = JSON.parse(readFileSync(join(ROOT, "renovate.json"), "utf8")) as {
    packageRules: { matchPackageNames?: string[]; groupName?: string }[];
  };
  const group = packageRules.find(({ groupName }) => groupName === "CDK for Terraform");
  expect(group?.matchPackageNames).toEqual(["cdktf", "cdktf-cli", "constructs", "@cdktf/provider-google"]);
});

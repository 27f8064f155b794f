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

test("Renovate moves cdktf, constructs and the provider together", () => {
  const { packageRules } = JSON.parse(readFileSync(join(ROOT, "renovate.json"), "utf8")) as {
    packageRules: { matchPackageNames?: string[]; groupName?: string }[];
  };
  const group = packageRules.find(({ groupName }) => groupName === "CDK for Terraform");
  expect(group?.matchPackageNames).toEqual(["cdktf", "cdktf-cli", "constructs", "@cdktf/provider-google"]);
});

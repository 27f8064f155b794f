import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(__dirname, "../..");
const PAGE = "docs/upstream-issues.md";
const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");
const page = read(PAGE);

const prefixes = [...page.matchAll(/^\| `([\w-]+)#N`/gm)].map(([, prefix]) => prefix ?? "");
const MENTION = new RegExp(`(?<![\\w-])(?:${prefixes.join("|")})#\\d+`, "g");

interface Row {
  readonly issue: string;
  readonly files: readonly string[];
  readonly test: string;
  readonly fragment: string;
}
const rows: Row[] = [
  ...page.matchAll(/^\| ([\w-]+#\d+) +\|[^|]+\|([^|]+)\| `([^`]+)`: `([^`]+)` +\|$/gm),
].map(([, issue = "", files = "", test = "", fragment = ""]) => ({
  issue,
  files: [...files.matchAll(/`([^`]+)`/g)].map(([, file]) => file ?? ""),
  test,
  fragment,
}));

/** Source files of the checkout: what git keeps, and what is new and not ignored. */
const sources = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
  cwd: ROOT,
  encoding: "utf8",
})
  .split("\0")
  .filter((file) => /\.(ts|mjs|py|json|yml|toml)$/.test(file) && file !== "package-lock.json")
  .filter((file) => existsSync(join(ROOT, file)));
const mentions = new Map(
  sources.map((file) => [file, [...(read(file).match(MENTION) ?? [])].map(String)] as const),
);

test("every issue that the code mentions is explained", () => {
  const mentioned = [...new Set([...mentions.values()].flat())];
  expect(mentioned.length).toBeGreaterThan(30);
  expect(mentioned.filter((issue) => !rows.some((row) => row.issue === issue))).toEqual([]);
});

test.each(rows)("$issue is mentioned where it is handled, and its test looks at it", (row) => {
  for (const file of row.files)
    expect([file, mentions.get(file)?.includes(row.issue) ?? false]).toEqual([file, true]);
  expect(read(row.test)).toContain(row.fragment);
});

test("each issue has one row", () => {
  const named = [...page.matchAll(/^\| ([\w-]+#\d+) /gm)].map(([, issue]) => issue);
  expect(rows.map(({ issue }) => issue)).toEqual(named);
  expect(new Set(named).size).toBe(named.length);
});

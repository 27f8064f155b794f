import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(__dirname, "../..");

/**
 * Words and phrases with a better one, as docs/glossary.md has it. Only what is never right in this repository: a word
 * that has a good use elsewhere is not here.
 */
const BETTER: readonly (readonly [RegExp, string])[] = [
  [/\b(?:is|are|was|were|be|being|been|nobody|who is) told\b/i, "notify, pass, report or say what is logged"],
  [/\btells (?:people|nobody|somebody|everybody)\b/i, "notifies"],
  [/\banew\b/i, "again, or new"],
  [/\basleep\b/i, "stopped"],
  [
    /\b(?:wakes?|wake|waking|sleeps?|sleeping) (?:up|the cluster|the database|cluster|database)\b/i,
    "start, stop",
  ],
  [/\blest\b/i, "otherwise"],
  [/\blikewise\b/i, "also"],
  [/\balike\b/i, "equal, the same"],
  [/\ba person\b/i, "an operator, a reader, you"],
  [/\bat their least\b/i, "minimum"],
  [/\b(?:is|are) no (?:region|label|number|date|option|folder|range)\b/i, "is not a ..."],
  [/\bone that is none\b/i, "name the thing"],
  [/\bgotcha \d/i, "name the upstream issue, see docs/upstream-issues.md"],
];

/** Text that people wrote: code, messages, comments and pages; not locks, data and snapshots. */
const files = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
  cwd: ROOT,
  encoding: "utf8",
})
  .split("\0")
  .filter((file) => /\.(?:ts|mjs|py|md|yml|toml)$/.test(file))
  .filter((file) => existsSync(join(ROOT, file)))
  // The data dictionary repeats descriptions that are in the plans.
  .filter((file) => !["test/docs/language.test.ts", "docs/data-dictionary.md"].includes(file));

test("there is text to look at", () => {
  expect(files.length).toBeGreaterThan(250);
});

test.each(BETTER)("nothing says %s: %s", (phrase) => {
  const found = files.flatMap((file) =>
    // A phrase may be broken by a line's end and the sign of a comment.
    [
      ...readFileSync(join(ROOT, file), "utf8")
        .replaceAll(/\s*\n[ \t]*(?:\*|\/\/|#)?[ \t]*/g, " ")
        .matchAll(new RegExp(phrase, "gi")),
    ].map(([text]) => `${file}: ${text}`),
  );
  expect(found).toEqual([]);
});

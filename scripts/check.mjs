// `npm run check`: types, lint and format of TypeScript and Python, lint of the workflows. Changes nothing; every check runs, also after a failure.
import { main } from "./lib/cli.mjs";
import { inLanes, root, runToFile } from "./lib/process.mjs";
import { ensure } from "./setup/parts.mjs";
import { join } from "node:path";

const node = (tool, ...args) => [join(root, "node_modules/.bin", tool), args];
const python = (tool, ...args) => [join(root, ".venv/job/bin", tool), args];
/** What a tool remembers of files that have not changed since. */
const cache = (name) => join(root, ".setup/check", name);

const types = ["--noEmit", "-p", ".", "--incremental", "--tsBuildInfoFile", cache("tsc")];
const format = ["--check", "--log-level", "warn", "--cache", "--cache-strategy", "content"];
/** Without network: what a pinned action really is, and whether it has known faults, is left out. */
const workflows = ["--offline", "--pedantic", "--strict-collection", "--no-progress", "--quiet", ".github"];

// ESLint has no cache: its rules about types look into other files than the one that a cache would go by.
const lanes = [
  [["TypeScript lint", ...node("eslint", ".")]],
  [
    ["TypeScript types", ...node("tsc", ...types)],
    [
      "Format of TypeScript, JSON and Markdown",
      ...node("prettier", ...format, "--cache-location", cache("prettier"), "."),
    ],
    ["Python lint", ...python("ruff", "check", "--quiet", "--no-cache", ".")],
    ["Python format", ...python("ruff", "format", "--check", "--quiet", "--no-cache", ".")],
    ["Python types", ...python("mypy", "--no-error-summary", `--cache-dir=${cache("mypy")}`)],
    ["Workflows", join(root, ".venv/lint/bin/zizmor"), workflows],
  ],
];

await main(async () => {
  await ensure("node", "job", "lint");
  let failed = 0;
  await inLanes(lanes, async ([label, command, args]) => {
    const { code, text } = await runToFile(cache(`${label}.log`), command, args);
    console.log(`${text}${code === 0 ? "ok    " : "FAILED"} ${label}`);
    if (code !== 0) failed += 1;
  });
  return failed === 0 ? 0 : 1;
});

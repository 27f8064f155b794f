// `npm run check`: types, lint and format of TypeScript and Python, lint of the workflows. Changes nothing.
import { join } from "node:path";
import { main } from "./lib/cli.mjs";
import { root, runToFile, twoAtATime } from "./lib/process.mjs";
import { ensure } from "./setup/parts.mjs";

const node = (tool, ...args) => [join(root, "node_modules/.bin", tool), args];
const python = (tool, ...args) => [join(root, ".venv/job/bin", tool), args];
/** Caches of the tools, for files that have not changed. */
const cache = (name) => join(root, ".setup/check", name);

/** Checks `paths`, by default those of pyproject.toml, with the packages of an environment. */
const mypy = (environment, ...paths) =>
  python(
    "mypy",
    "--no-error-summary",
    `--python-executable=${join(root, ".venv", environment, "bin/python")}`,
    `--cache-dir=${cache(`mypy-${environment}`)}`,
    ...paths,
  );

const types = (project, name) => [
  "--noEmit",
  "-p",
  project,
  "--incremental",
  "--tsBuildInfoFile",
  cache(name),
];
const format = ["--check", "--log-level", "warn", "--cache", "--cache-strategy", "content"];
/** Offline: zizmor does not look up pinned actions and their known vulnerabilities. */
const workflows = ["--offline", "--pedantic", "--strict-collection", "--no-progress", "--quiet", ".github"];

/** The longest first. ESLint has no cache: its rules about types read other files than the one in the cache's key. */
const checks = [
  ["TypeScript lint", ...node("eslint", ".")],
  ["TypeScript types", ...node("tsc", ...types(".", "tsc"))],
  [
    "TypeScript types of the report, which runs in a browser",
    ...node("tsc", ...types("test/report", "tsc-report")),
  ],
  [
    "Format of TypeScript, JSON, Markdown",
    ...node("prettier", ...format, "--cache-location", cache("prettier"), "."),
  ],
  ["Python types of the job and of scripts", ...mypy("job")],
  ["Python types of the DAGs", ...mypy("airflow", "dags")],
  ["Python types of the rehearsal", ...mypy("emulators", "rehearsal")],
  ["Python lint", ...python("ruff", "check", "--quiet", "--no-cache", ".")],
  ["Python format", ...python("ruff", "format", "--check", "--quiet", "--no-cache", ".")],
  ["Workflows", join(root, ".venv/lint/bin/zizmor"), workflows],
];

await main(async () => {
  await ensure("node", "job", "airflow", "emulators", "lint");
  let failed = 0;
  await twoAtATime(checks, async ([label, command, args]) => {
    const { code, text } = await runToFile(cache(`${label}.log`), command, args);
    console.log(`${text}${code === 0 ? "ok    " : "FAILED"} ${label}`);
    if (code !== 0) failed += 1;
  });
  return failed === 0 ? 0 : 1;
});

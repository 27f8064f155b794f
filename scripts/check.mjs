// `npm run check`: types, lint and format of TypeScript and Python, lint of the workflows. Changes nothing; every check runs, also after a failure.
import { main, root, run } from "./lib/process.mjs";
import { ensure } from "./lib/setup.mjs";
import { join } from "node:path";

/** Without network: what a pinned action really is, and whether it has known faults, is left out. */
const WORKFLOWS = ["--offline", "--pedantic", "--strict-collection", "--no-progress", "--quiet", ".github"];

await main(async () => {
  await ensure("node", "job", "lint");
  const node = (tool) => join(root, "node_modules/.bin", tool);
  const python = (tool) => join(root, ".venv/job/bin", tool);
  const checks = [
    ["TypeScript types", node("tsc"), ["--noEmit", "-p", "."]],
    ["TypeScript lint", node("eslint"), ["."]],
    ["Format of TypeScript, JSON and Markdown", node("prettier"), ["--check", "--log-level", "warn", "."]],
    ["Python lint", python("ruff"), ["check", "--quiet", "--no-cache", "."]],
    ["Python format", python("ruff"), ["format", "--check", "--quiet", "--no-cache", "."]],
    ["Python types", python("mypy"), ["--no-error-summary", "--cache-dir=/dev/null"]],
    ["Workflows", join(root, ".venv/lint/bin/zizmor"), WORKFLOWS],
  ];
  let failed = 0;
  for (const [label, command, args] of checks) {
    const code = await run(command, args);
    console.log(`${code === 0 ? "ok    " : "FAILED"} ${label}`);
    if (code !== 0) failed += 1;
  }
  return failed === 0 ? 0 : 1;
});

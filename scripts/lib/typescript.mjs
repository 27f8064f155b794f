// Running the project's TypeScript. Types are checked by `npm run check`, not on every start.
import { root, run } from "./process.mjs";

/**
 * Runs a TypeScript file of the checkout.
 * @param {string} file path from the top folder @param {string[]} args @param {import("node:child_process").SpawnOptions} options
 * @returns {Promise<number>} its exit code
 */
export function runTypeScript(file, args = [], options = {}) {
  return run(process.execPath, ["-r", "ts-node/register/transpile-only", file, ...args], {
    cwd: root,
    ...options,
    // Otherwise CDK for Terraform looks for newer versions of itself.
    env: { ...process.env, ...options.env, CHECKPOINT_DISABLE: "1" },
  });
}

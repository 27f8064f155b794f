// Child processes of the npm commands.
import { spawn, spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout's top folder. */
export const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

/**
 * Runs a command with this terminal's streams. Signals reach the child first, so that it can clean up.
 * @param {string} command @param {string[]} args
 * @param {import("node:child_process").SpawnOptions & { input?: string }} options `input` goes to a piped standard input
 * @returns {Promise<number>} the exit code; 128 + n after signal n
 */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const { input, ...others } = options;
    const child = spawn(command, args, { stdio: "inherit", cwd: root, ...others });
    if (input !== undefined) child.stdin.end(input);
    // A terminal's Ctrl-C is sent to the whole group; a supervisor's TERM to this process alone.
    const forward = () => child.kill("SIGTERM");
    const ignore = () => undefined;
    process.on("SIGTERM", forward).on("SIGINT", ignore);
    const done = () => process.off("SIGTERM", forward).off("SIGINT", ignore);
    child.on("error", (error) => (done(), reject(error)));
    child.on("close", (code, signal) => {
      done();
      resolve(code ?? 128 + ({ SIGINT: 2, SIGKILL: 9, SIGTERM: 15 }[signal] ?? 1));
    });
  });
}

/**
 * Runs a command whose output goes to a file, which can be read while the command runs and after it was killed.
 * @returns {Promise<{ code: number, text: string }>} the exit code as of {@link run}, and the output
 */
export async function runToFile(path, command, args, options = {}) {
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(path, "w");
  const code = await run(command, args, { ...options, stdio: ["ignore", file, file] }).finally(() =>
    closeSync(file),
  );
  return { code, text: readFileSync(path, "utf8") };
}

/**
 * Runs tasks in their order, two at a time: with the longest first, two cores are busy to the end.
 * @template T @param {T[]} tasks @param {(task: T) => Promise<void>} body
 */
export async function twoAtATime(tasks, body) {
  const waiting = [...tasks];
  const work = async () => {
    while (waiting.length > 0) await body(waiting.shift());
  };
  await Promise.all([work(), work()]);
}

/**
 * Runs a command quietly.
 * @returns {{ status: number | null, stdout: string, stderr: string }} status is null when the command did not start
 */
export function capture(command, args, options = {}) {
  const result = spawnSync(command, args, {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    ...options,
  });
  return { status: result.status, stdout: result.stdout ?? "", stderr: result.stderr ?? "" };
}

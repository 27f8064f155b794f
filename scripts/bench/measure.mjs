// Time and memory of a command and everything it starts.
import { spawn } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { UserError } from "../lib/cli.mjs";

const SAMPLE_MS = 250;

export const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
};

/**
 * Memory, in GiB, of a process and those below it: shared pages are counted once, in parts; a process that is being
 * started shares all of its parent's. 0 where there is no /proc.
 */
function used(top) {
  const names = existsSync("/proc/self/smaps_rollup") ? readdirSync("/proc") : [];
  const parents = new Map();
  for (const name of names.filter((entry) => /^\d+$/.test(entry))) {
    // The command's own name is in brackets and may hold blanks.
    const stat = read(`/proc/${name}/stat`).replace(/^.*\) /s, "");
    parents.set(Number(name), Number(stat.split(" ")[1]));
  }
  const below = (pid) => pid === top || (parents.has(pid) && pid !== 0 && below(parents.get(pid)));
  let kilobytes = 0;
  for (const pid of parents.keys()) {
    if (below(pid)) kilobytes += Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);
  }
  return kilobytes / 1024 ** 2;
}

/** A file of a process; empty when that has ended meanwhile. */
function read(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/**
 * Runs a command to its end.
 * @param {[string, string[]]} command @param {import("node:child_process").SpawnOptions} options
 * @returns {Promise<{ seconds: number, gib: number }>} wall time, and the most memory of the whole tree
 */
export async function measure([command, args], options) {
  const started = process.hrtime.bigint();
  const child = spawn(command, args, { ...options, stdio: ["ignore", "ignore", "pipe"] });
  let errors = "";
  child.stderr.on("data", (data) => (errors = (errors + data).slice(-4000)));
  let gib = 0;
  const sampler = setInterval(() => (gib = Math.max(gib, used(child.pid))), SAMPLE_MS);
  const code = await new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
  clearInterval(sampler);
  if (code !== 0) throw new UserError(`'${command} ${args[0]}' ended with ${code}: ${errors.trim()}`);
  return { seconds: Number(process.hrtime.bigint() - started) / 1e9, gib };
}

// Time, processor time and memory of a command and everything it starts.
import { spawn } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { UserError } from "../lib/cli.mjs";

const SAMPLE_MS = 250;

/** Linux counts a process's time in hundredths of a second. */
const TICKS = 100;

export const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/**
 * Looks at a process and those below it. Memory: shared pages are counted once, in parts; a process that is being
 * started shares all of its parent's. Nothing where there is no /proc.
 * @returns {{ gib: number, cpu: Map<number, number> }} memory of all, and the seconds of each, by number
 */
function look(top) {
  const names = existsSync("/proc/self/smaps_rollup") ? readdirSync("/proc") : [];
  const parents = new Map();
  const cpu = new Map();
  for (const name of names.filter((entry) => /^\d+$/.test(entry))) {
    // The command's own name is in brackets and may hold blanks.
    const fields = read(`/proc/${name}/stat`)
      .replace(/^.*\) /s, "")
      .split(" ");
    parents.set(Number(name), Number(fields[1]));
    cpu.set(Number(name), (Number(fields[11]) + Number(fields[12])) / TICKS);
  }
  const below = (pid) => pid === top || (parents.has(pid) && pid !== 0 && below(parents.get(pid)));
  const tree = [...parents.keys()].filter(below);
  const kilobytes = tree.map((pid) => /^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);
  return {
    gib: kilobytes.reduce((sum, value) => sum + Number(value), 0) / 1024 ** 2,
    cpu: new Map(tree.map((pid) => [pid, cpu.get(pid) || 0])),
  };
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
 * @returns {Promise<{ seconds: number, gib: number, cpu: number }>} wall time, the most memory of the whole tree, and
 * its processor seconds, each process as seen last
 */
export async function measure([command, args], options) {
  const started = process.hrtime.bigint();
  const child = spawn(command, args, { ...options, stdio: ["ignore", "ignore", "pipe"] });
  let errors = "";
  child.stderr.on("data", (data) => (errors = (errors + data).slice(-4000)));
  let gib = 0;
  const cpu = new Map();
  const sampler = setInterval(() => {
    const seen = look(child.pid);
    gib = Math.max(gib, seen.gib);
    for (const [pid, seconds] of seen.cpu) cpu.set(pid, seconds);
  }, SAMPLE_MS);
  const code = await new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
  clearInterval(sampler);
  if (code !== 0) throw new UserError(`'${command} ${args[0]}' ended with ${code}: ${errors.trim()}`);
  const sum = [...cpu.values()].reduce((all, seconds) => all + seconds, 0);
  return { seconds: Number(process.hrtime.bigint() - started) / 1e9, gib, cpu: sum };
}

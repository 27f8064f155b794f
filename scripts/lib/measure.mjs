// Time and memory of a command and everything it starts.
import { spawn } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { UserError } from "./process.mjs";

const SAMPLE_MS = 250;

export const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
};

/** Resident memory, in GiB, of a process and those below it; 0 where there is no /proc. */
function resident(top) {
  const parents = new Map();
  const pages = new Map();
  const names = existsSync("/proc/self/stat") ? readdirSync("/proc") : [];
  for (const name of names.filter((entry) => /^\d+$/.test(entry))) {
    try {
      // The command's own name is in brackets and may hold blanks.
      const fields = readFileSync(`/proc/${name}/stat`, "utf8")
        .replace(/^.*\) /s, "")
        .split(" ");
      parents.set(Number(name), Number(fields[1]));
      pages.set(Number(name), Number(fields[21]));
    } catch {
      // It ended meanwhile.
    }
  }
  const below = (pid) => pid === top || (parents.has(pid) && pid !== 0 && below(parents.get(pid)));
  let total = 0;
  for (const [pid, count] of pages) if (below(pid)) total += count;
  return (total * 4096) / 1024 ** 3;
}

/**
 * Runs a command to its end.
 * @param {[string, string[]]} command @param {import("node:child_process").SpawnOptions} options
 * @returns {Promise<{ seconds: number, gib: number }>} wall time, and the highest resident memory of the whole tree
 */
export async function measure([command, args], options) {
  const started = process.hrtime.bigint();
  const child = spawn(command, args, { ...options, stdio: ["ignore", "ignore", "pipe"] });
  let errors = "";
  child.stderr.on("data", (data) => (errors = (errors + data).slice(-4000)));
  let gib = 0;
  const sampler = setInterval(() => (gib = Math.max(gib, resident(child.pid))), SAMPLE_MS);
  const code = await new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
  clearInterval(sampler);
  if (code !== 0) throw new UserError(`'${command} ${args[0]}' ended with ${code}: ${errors.trim()}`);
  return { seconds: Number(process.hrtime.bigint() - started) / 1e9, gib };
}

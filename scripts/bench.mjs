// `npm run bench [-- --lines N --runs N --backfills N]`: speed, as ratios within one run on this machine. Last line: one line of JSON.
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measure, median } from "./bench/measure.mjs";
import { sparkEnvironment } from "./local/spark.mjs";
import { UserError, main, parseOptions } from "./lib/cli.mjs";
import { root } from "./lib/process.mjs";
import { ensure, python } from "./setup/parts.mjs";

const DAYS = 365;
const [MONTH_BEFORE, LAST_BUT_ONE, LAST, AFTER] = ["2025-12-01", "2025-12-30", "2025-12-31", "2026-01-01"];

function optionsOf(args) {
  const options = { lines: { default: "5000000" }, runs: { default: "3" }, backfills: { default: "2" } };
  const values = parseOptions(args, options, "[--lines N] [--runs N] [--backfills N]");
  const numbers = Object.fromEntries(Object.entries(values).map(([name, text]) => [name, Number(text)]));
  if (Object.values(numbers).every((number) => Number.isInteger(number) && number > 0)) return numbers;
  throw new UserError("--lines, --runs and --backfills are whole numbers of at least 1", 2);
}

/** Provider modules that the project imports, as `require` finds them. */
function imported() {
  const files = ["constructs", "stacks"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => join(root, folder, name)),
  );
  const text = files.map((file) => readFileSync(file, "utf8")).join("\n");
  return [...new Set(text.match(/@cdktf\/provider-google\/lib\/[\w-]+/g))];
}

await main(async (args) => {
  const { lines, runs, backfills } = optionsOf(args);
  await ensure("node", "java", "job", "jars", "bundle", "report");
  const work = mkdtempSync(join(tmpdir(), "bench-"));
  const env = { ...sparkEnvironment(), CHECKPOINT_DISABLE: "1", CDKTF_OUTDIR: join(work, "synth") };
  const lake = join(work, "lake");
  const rows = [];

  /**
   * Measures some commands in turn, so that what slows the machine for a while slows them all.
   * @returns medians of seconds and processor seconds, and the most GiB, of each command
   */
  async function inTurn(commands, times = runs) {
    const results = commands.map(() => []);
    for (let n = 0; n < times; n += 1) {
      for (const [position, { label, command, fresh = [] }] of commands.entries()) {
        for (const folder of fresh) {
          rmSync(folder, { recursive: true, force: true });
          mkdirSync(folder, { recursive: true });
        }
        const result = await measure(command, { env, cwd: root });
        results[position].push(result);
        console.error(`bench: ${label}: ${result.seconds.toFixed(1)} s`);
      }
    }
    return commands.map(({ label }, position) => {
      const of = (name) => results[position].map((result) => result[name]);
      const result = { seconds: median(of("seconds")), cpu: median(of("cpu")), gib: Math.max(...of("gib")) };
      const figures = [
        `${result.seconds.toFixed(1)} s`,
        `${result.cpu.toFixed(1)} s of CPU`,
        `${result.gib.toFixed(2)} GiB`,
      ];
      rows.push([label, ...figures]);
      return result;
    });
  }
  /** The same of one command; `fresh` folders are empty at each start. */
  const timed = async (label, command, { fresh, times } = {}) =>
    (await inTurn([{ label, command, fresh }], times))[0];
  const job = (from, warehouse, ...more) => [
    python("job"),
    [join(root, "pyspark-jobs/sales_analytics_direct.py"), "--lake", from, "--warehouse", warehouse, ...more],
  ];
  const script = (name, ...more) => [python("job"), [join(root, "scripts/bench", name), ...more]];
  const day = (start, end) => ["--start", start, "--end", end];

  try {
    console.error(
      `bench: ${lines.toLocaleString("en")} lines over ${DAYS} days, medians of ${backfills} and ${runs}`,
    );
    await measure(script("make_lake.py", "--lake", lake, "--lines", String(lines)), { env, cwd: root });
    const [out, all, month, short] = ["out", "all", "month", "short"].map((name) => join(work, name));
    const baseline = (label, name) => ({
      label: `${label}, backfill`,
      command: script(name, "--lake", lake, "--out", out),
      fresh: [out],
    });
    const [usual, usualSame, duck, duckSame, ours] = await inTurn(
      [
        baseline("usual job", "baseline_job.py"),
        baseline("usual job, same work", "usual_same_work.py"),
        baseline("DuckDB", "duckdb_job.py"),
        baseline("DuckDB, same work", "duckdb_same_work.py"),
        { label: "this job, backfill", command: job(lake, all), fresh: [all] },
      ],
      backfills,
    );
    await timed("this job, first day", job(lake, short, ...day(LAST_BUT_ONE, LAST)), {
      fresh: [short],
      times: 1,
    });
    await timed("this job, 30 days", job(lake, month, ...day(MONTH_BEFORE, LAST)), {
      fresh: [month],
      times: 1,
    });
    await timed("one more day after 30", job(lake, month, ...day(LAST, AFTER)), { times: 1 });
    const [after1, after364] = await inTurn([
      { label: "one more day after 1", command: job(lake, short, ...day(LAST, AFTER)) },
      { label: "one more day after 364", command: job(lake, all, ...day(LAST, AFTER)) },
    ]);
    const sample = await timed("sample data", job(join(root, "sample_data"), join(work, "sample")), {
      fresh: [join(work, "sample")],
    });
    const loader = ["cdktf", ...imported()].map((name) => `require(${JSON.stringify(name)})`).join(";");
    const modules = await timed("node loading cdktf and the provider", [process.execPath, ["-e", loader]]);
    const synth = await timed(
      "cold synth of every stack",
      [process.execPath, ["-r", "ts-node/register/transpile-only", "main.ts"]],
      { fresh: [env.CDKTF_OUTDIR] },
    );
    const width = Math.max(...rows.map(([label]) => label.length));
    console.log(rows.map(([label, ...rest]) => `${label.padEnd(width)}  ${rest.join("  ")}`).join("\n"));
    const round = (value) => Number(value.toFixed(2));
    console.log(
      JSON.stringify({
        backfill_speedup: round(usual.seconds / ours.seconds),
        duckdb_ratio: round(ours.seconds / duck.seconds),
        day_growth: round(after364.seconds / after1.seconds),
        peak_memory_gib: round(ours.gib),
        sample_seconds: round(sample.seconds),
        synth_ratio: round(synth.seconds / modules.seconds),
        duckdb_same_work_ratio: round(ours.seconds / duckSame.seconds),
        usual_same_work_speedup: round(usualSame.seconds / ours.seconds),
        lines_per_core_second: Math.round(lines / ours.cpu),
      }),
    );
    return 0;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
});

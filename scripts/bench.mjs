// `npm run bench [-- --lines N --runs N]`: speed, as ratios within one run on this machine. Last line: one line of JSON.
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
  const options = { lines: { default: "5000000" }, runs: { default: "3" } };
  const values = parseOptions(args, options, "[--lines N] [--runs N]");
  const [lines, runs] = [Number(values.lines), Number(values.runs)];
  if (Number.isInteger(lines) && lines > 0 && Number.isInteger(runs) && runs > 0) return { lines, runs };
  throw new UserError("--lines and --runs are whole numbers of at least 1", 2);
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
  const { lines, runs } = optionsOf(args);
  await ensure("node", "java", "job", "jars", "bundle");
  const work = mkdtempSync(join(tmpdir(), "bench-"));
  const env = { ...sparkEnvironment(), CHECKPOINT_DISABLE: "1", CDKTF_OUTDIR: join(work, "synth") };
  const lake = join(work, "lake");
  const rows = [];

  /** Seconds and GiB of a command, as medians; `fresh` folders are empty at each start. */
  async function timed(label, command, { fresh = [], times = runs } = {}) {
    const results = [];
    for (let n = 0; n < times; n += 1) {
      for (const folder of fresh) {
        rmSync(folder, { recursive: true, force: true });
        mkdirSync(folder, { recursive: true });
      }
      results.push(await measure(command, { env, cwd: root }));
    }
    const seconds = median(results.map((result) => result.seconds));
    const gib = Math.max(...results.map((result) => result.gib));
    rows.push([label, `${seconds.toFixed(1)} s`, `${gib.toFixed(2)} GiB`]);
    console.error(`bench: ${label}: ${seconds.toFixed(1)} s`);
    return { seconds, gib };
  }
  const job = (from, warehouse, ...more) => [
    python("job"),
    [join(root, "pyspark-jobs/sales_analytics_direct.py"), "--lake", from, "--warehouse", warehouse, ...more],
  ];
  const script = (name, ...more) => [python("job"), [join(root, "scripts/bench", name), ...more]];
  const day = (start, end) => ["--start", start, "--end", end];

  try {
    console.error(`bench: ${lines.toLocaleString("en")} lines over ${DAYS} days, medians of ${runs}`);
    await measure(script("make_lake.py", "--lake", lake, "--lines", String(lines)), { env, cwd: root });
    const [out, all, month, short] = ["out", "all", "month", "short"].map((name) => join(work, name));
    const usual = await timed(
      "usual job, backfill",
      script("baseline_job.py", "--lake", lake, "--out", out),
      {
        fresh: [out],
      },
    );
    const duck = await timed("DuckDB, backfill", script("duckdb_job.py", "--lake", lake, "--out", out), {
      fresh: [out],
    });
    const ours = await timed("this job, backfill", job(lake, all), { fresh: [all] });
    await timed("this job, first day", job(lake, short, ...day(LAST_BUT_ONE, LAST)), {
      fresh: [short],
      times: 1,
    });
    await timed("this job, 30 days", job(lake, month, ...day(MONTH_BEFORE, LAST)), {
      fresh: [month],
      times: 1,
    });
    const after1 = await timed("one more day after 1", job(lake, short, ...day(LAST, AFTER)));
    await timed("one more day after 30", job(lake, month, ...day(LAST, AFTER)));
    const after364 = await timed("one more day after 364", job(lake, all, ...day(LAST, AFTER)));
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
      }),
    );
    return 0;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
});

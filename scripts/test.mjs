// `npm test`: every test of every runner; the last line is their sum.
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { sparkEnvironment } from "./local/spark.mjs";
import { main } from "./lib/cli.mjs";
import { root, runToFile, twoAtATime } from "./lib/process.mjs";
import { ensure, python } from "./setup/parts.mjs";

const results = join(root, ".setup/results");

/** The runners, the longest first: a name, the command, its report and how that is read. */
const runners = [
  pytest("Job: runs in one Spark session", "job", "job-runs", [
    "test/job",
    "test/data",
    "-m",
    "not processes",
  ]),
  pytest("Job: processes, faults and data", "job", "job-processes", [
    "test/job",
    "test/data",
    "-m",
    "processes",
  ]),
  pytest("DAGs (Airflow)", "airflow", "dags", ["test/dags"]),
  {
    name: "TypeScript (jest)",
    command: [
      process.execPath,
      "node_modules/jest/bin/jest.js",
      "--ci",
      "--json",
      `--outputFile=${join(results, "jest.json")}`,
    ],
    report: "jest.json",
    read: readJest,
  },
  // The one runner that synthesizes into cdktf.out.
  pytest("Rehearsal (the cloud path on emulators)", "job", "rehearsal", ["test/rehearsal"]),
];

function pytest(name, environment, report, chosen) {
  const file = `pytest-${report}.xml`;
  const command = [python(environment), "-m", "pytest", ...chosen, `--junitxml=${join(results, file)}`];
  return { name, command, report: file, read: readJUnit };
}

/** @returns {{ passed: number, failed: number, skipped: number }} */
function readJest(text) {
  const report = JSON.parse(text);
  const { numPassedTests, numFailedTests, numPendingTests, numRuntimeErrorTestSuites } = report;
  for (const { status, fullName } of report.testResults.flatMap((suite) => suite.assertionResults)) {
    if (status === "pending") console.log(`skipped: ${fullName}`);
  }
  return {
    passed: numPassedTests,
    failed: numFailedTests + numRuntimeErrorTestSuites,
    skipped: numPendingTests,
  };
}

function readJUnit(text) {
  const count = (name) => Number(new RegExp(`<testsuite [^>]*\\b${name}="(\\d+)"`).exec(text)?.[1] ?? 0);
  const failed = count("failures") + count("errors");
  return { passed: count("tests") - failed - count("skipped"), failed, skipped: count("skipped") };
}

await main(async () => {
  await ensure(
    "node",
    "java",
    "job",
    "forecast",
    "jars",
    "bundle",
    "report",
    "airflow",
    "emulators",
    "connectors",
    "lint",
  );
  rmSync(results, { recursive: true, force: true });
  mkdirSync(results, { recursive: true });
  const total = { passed: 0, failed: 0, skipped: 0 };
  await twoAtATime(runners, async ({ name, command, report, read }) => {
    const started = Date.now();
    const log = join(results, `${report}.log`);
    console.log(`--- ${name}: started, see ${relative(root, log)}`);
    const env = { ...sparkEnvironment(), CHECKPOINT_DISABLE: "1" };
    const { code, text } = await runToFile(log, command[0], command.slice(1), { env });
    const file = join(results, report);
    const counts = existsSync(file) ? read(readFileSync(file, "utf8")) : { passed: 0, failed: 0, skipped: 0 };
    // A runner that ended early has failed, whatever it counted.
    if (code !== 0 && counts.failed === 0) counts.failed = 1;
    for (const key of Object.keys(total)) total[key] += counts[key];
    const seconds = ((Date.now() - started) / 1000).toFixed(0);
    console.log(
      `${text}--- ${name}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped in ${seconds} s\n`,
    );
  });
  console.log(
    `${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ""}`,
  );
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
});

import { bars } from "../charts/bars";
import type { Check, Quality, Run } from "../data/document";
import { details, element, heading, paragraph, section, word } from "../ui/dom";
import { grouped } from "../ui/format";
import { type Cell, table } from "../ui/table";

/** The lines of the last run, the checks, the quarantine and the last runs; the filter does not change them. */
export function quality({
  runs,
  checks,
  unusual,
  quarantined_since,
  reasons,
  quarantined,
}: Quality): HTMLElement {
  const [last] = runs;
  return section(
    "quality",
    "Data quality",
    ...(last === undefined ? [word("No run is recorded.")] : lastRun(last)),
    ...(checks.length === 0 ? [] : checksOf(checks)),
    ...(unusual === undefined ? [] : unusualDays(unusual)),
    ...(reasons.length === 0
      ? [paragraph(`No line came into quarantine since ${quarantined_since}.`)]
      : [
          heading(`Lines in quarantine since ${quarantined_since}`),
          table(
            "Reasons of the lines in quarantine",
            ["Reason", "Lines#"],
            reasons.map(({ reason, lines }) => [reason, number(lines)]),
          ),
          details(
            "quarantined",
            "Examples, without customer_id",
            table(
              "Examples of lines in quarantine",
              ["Reason", "Line as it arrived", "File"],
              quarantined.map(({ reason, line, source }) => [reason, element("code", {}, line), source]),
            ),
          ),
        ]),
    ...(runs.length === 0 ? [] : [heading("Last runs"), runTable(runs)]),
  );
}

/** Days that are unlike the same weekdays before them. */
function unusualDays({ since, days }: NonNullable<Quality["unusual"]>): HTMLElement[] {
  return [
    heading("Unusual days"),
    days.length === 0
      ? paragraph(`Since ${since} no day is unlike the same weekdays before it.`)
      : table(
          `Unusual days since ${since}`,
          ["Day", "Found", "Usual on this weekday"],
          days.map(({ day, found, usual }) => [day, found, usual]),
        ),
  ];
}

const number = (value: number): string => grouped(String(value));

function lastRun(run: Run): HTMLElement[] {
  const parts = [
    ["Loaded", run.rows_loaded, "profit"],
    ["Duplicate", run.rows_duplicate, "compared"],
    ["Quarantined", run.rows_quarantined, "returned"],
  ] as const;
  return [
    paragraph(
      `Last run, ${run.status}: ${number(run.rows_read)} lines read = ${number(run.rows_loaded)} loaded + `,
      `${number(run.rows_duplicate)} duplicate + ${number(run.rows_quarantined)} quarantined. `,
      `${number(run.unmatched_products)} loaded lines have no product row, ${number(run.unmatched_stores)} no store row. `,
      ...(run.files_passed_over === 0
        ? []
        : [
            element("strong", {}, `${number(run.files_passed_over)} files were passed over`),
            " because of their names: the run's log names them.",
          ]),
    ),
    ...(run.rows_read === 0
      ? []
      : [
          bars(
            "Lines of the last run: loaded, duplicate and quarantined, as in the sentence above",
            [""],
            parts.map(([name, value, color]) => ({ name, color, values: [value] })),
            (value) => grouped(String(value)),
            { stack: true },
          ),
        ]),
  ];
}

const runTable = (runs: readonly Run[]): HTMLElement =>
  table(
    "Last runs",
    [
      "Started (UTC)",
      "Run",
      "Status",
      "Read#",
      "Loaded#",
      "Duplicate#",
      "Quarantined#",
      "Files passed over#",
      "Seconds#",
    ],
    runs.map((run) => [
      run.started_at,
      run.run_id,
      run.status,
      number(run.rows_read),
      number(run.rows_loaded),
      number(run.rows_duplicate),
      number(run.rows_quarantined),
      number(run.files_passed_over),
      run.seconds.toFixed(1),
    ]),
  );

const SIGNS: Readonly<Record<string, string>> = { "=": "=", "<=": "\u2264", ">=": "\u2265" };

/** A warning does not stop a run, so it is not shown as failed. */
const outcome = ({ passed, severity }: Check): Cell =>
  passed ? "passed" : element("strong", { class: "failed" }, severity === "error" ? "failed" : "warning");

const found = ({ value, relation, expected }: Check): string =>
  `${grouped(value)} ${SIGNS[relation] ?? relation} ${grouped(expected)}`;

function checksOf(checks: readonly Check[]): HTMLElement[] {
  const latest = checks.filter(({ latest }) => latest);
  const earlier = checks.filter(({ latest }) => !latest);
  const [first] = latest;
  const stopped = latest.some(({ passed, severity }) => !passed && severity === "error");
  const passed = latest.filter((check) => check.passed).length;
  const every = details(
    "checks",
    "Every check with its figures",
    table(
      "Checks of the newest run",
      ["Check", "What must hold", "Found#", "Result"],
      latest.map((check) => [check.check_name, check.rule, found(check), outcome(check)]),
    ),
  );
  if (passed < latest.length) every.setAttribute("open", "");
  return [
    heading("Checks before publishing"),
    paragraph(
      `Run ${first?.run_id ?? ""}, ${first?.checked_at ?? ""} UTC: ${String(passed)} of ${String(latest.length)} checks `,
      `passed${stopped ? ", nothing was published" : ""}.`,
    ),
    every,
    ...(earlier.length === 0
      ? []
      : [
          heading("Checks that did not pass in earlier runs"),
          table(
            "Checks that did not pass in earlier runs",
            ["Checked (UTC)", "Run", "Check", "Found#", "Result"],
            earlier.map((check) => [
              check.checked_at,
              check.run_id,
              check.check_name,
              found(check),
              outcome(check),
            ]),
          ),
        ]),
  ];
}

import { balanceChart } from "./charts";
import type { Check, Figures, Run } from "./figures";
import { grouped } from "./format";
import { type Markup, html } from "./html";
import { table } from "./table";

/** The lines of the last run, the checks, the quarantine and the last runs. */
export function quality({ runs, checks, reasons, quarantined }: Figures): Markup {
  const [last] = runs;
  return html`<section>
    <h2>Data quality</h2>
    ${last === undefined ? html`<p class="empty">No run is recorded.</p>` : lastRun(last)}
    ${checks.length === 0 ? "" : checksOf(checks)}
    ${
      reasons.length === 0
        ? html`<p>No line is in quarantine.</p>`
        : html`<h3>Lines in quarantine</h3>
            ${table(
              ["Reason", "Lines#"],
              reasons.map(({ reason, lines }) => [reason, grouped(lines)]),
            )}
            <details>
              <summary>Examples</summary>
              ${table(
                ["Reason", "Line as it arrived", "File"],
                quarantined.map(({ reason, line, source }) => [reason, html`<code>${line}</code>`, source]),
              )}
            </details>`
    }
    ${
      runs.length === 0
        ? ""
        : html`<h3>Last runs</h3>
            ${runTable(runs)}`
    }
  </section>`;
}

const lastRun = (run: Run): Markup =>
  html`<p>
      Last run, ${run.status}: ${grouped(run.read)} lines read = ${grouped(run.loaded)} loaded +
      ${grouped(run.duplicate)} duplicate + ${grouped(run.quarantined)} quarantined.
      ${grouped(run.unmatchedProducts)} loaded lines have no product row, ${grouped(run.unmatchedStores)} no
      store row.
      ${run.filesPassedOver === "0" ? "" : html`<strong>${grouped(run.filesPassedOver)} files were passed over</strong> because of their names: the run's log names them.`}
    </p>
    ${run.read === "0" ? "" : balanceChart(run)}`;

const runTable = (runs: readonly Run[]): Markup =>
  table(
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
      run.startedAt,
      run.runId,
      run.status,
      grouped(run.read),
      grouped(run.loaded),
      grouped(run.duplicate),
      grouped(run.quarantined),
      grouped(run.filesPassedOver),
      run.seconds.toFixed(1),
    ]),
  );

const SIGNS: Readonly<Record<string, string>> = { "=": "=", "<=": "\u2264", ">=": "\u2265" };

/** A warning does not stop a run, so it is not shown as failed. */
const outcome = ({ passed, severity }: Check): Markup =>
  passed
    ? html`passed`
    : html`<strong class="failed">${severity === "error" ? "failed" : "warning"}</strong>`;

const found = ({ value, relation, expected }: Check): string =>
  `${grouped(value)} ${SIGNS[relation] ?? relation} ${grouped(expected)}`;

function checksOf(checks: readonly Check[]): Markup {
  const latest = checks.filter(({ latest }) => latest);
  const earlier = checks.filter(({ latest }) => !latest);
  const [first] = latest;
  const stopped = latest.filter(({ passed, severity }) => !passed && severity === "error").length;
  const passed = latest.filter((check) => check.passed).length;
  return html`<h3>Checks before publishing</h3>
    <p>
      Run ${first?.runId ?? ""}, ${first?.checkedAt ?? ""} UTC: ${passed} of ${latest.length} checks
      passed${stopped === 0 ? "" : ", nothing was published"}.
    </p>
    <details ${passed === latest.length ? "" : "open"}>
      <summary>Every check with its figures</summary>
      ${table(
        ["Check", "What must hold", "Found#", "Result"],
        latest.map((check) => [check.name, check.rule, found(check), outcome(check)]),
      )}
    </details>
    ${
      earlier.length === 0
        ? ""
        : html`<h3>Checks that did not pass in earlier runs</h3>
            ${table(
              ["Checked (UTC)", "Run", "Check", "Found#", "Result"],
              earlier.map((check) => [
                check.checkedAt,
                check.runId,
                check.name,
                found(check),
                outcome(check),
              ]),
            )}`
    }`;
}

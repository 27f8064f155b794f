import { type Bars, bars } from "../charts/bars";
import type { Cost, Run } from "../data/document";
import { element, heading, paragraph, section } from "../ui/dom";
import { grouped } from "../ui/format";
import { table } from "../ui/table";

/** Components with a colour of their own; the rest share one. */
const COLORS: readonly Bars["color"][] = ["revenue", "profit", "returned", "fourth", "fifth"];

/** What each environment costs in a month, where somebody estimated it, and what the last runs took. */
export function cost(found: Cost | undefined, runs: readonly Run[]): HTMLElement {
  return section("cost", "What it costs", ...estimate(found), ...(runs.length === 0 ? [] : took(runs)));
}

function estimate(found: Cost | undefined): HTMLElement[] {
  if (found === undefined)
    return [
      paragraph(
        "What an environment costs in a month: ",
        element("code", {}, "npm run cost"),
        " estimates it.",
      ),
    ];
  return "missing" in found ? [missing(found.missing)] : parts(found);
}

/** Of each run how long its job took, and what that cost where any of them was billed. */
function took(runs: readonly Run[]): HTMLElement[] {
  const billed = runs.some(({ bytes_billed }) => bytes_billed !== null);
  return [
    heading("What the last runs took"),
    paragraph(
      billed
        ? "Of the job alone: its workers while it took, and the bytes that BigQuery bills for its queries, by list prices. " +
            "Start and stop of the cluster and the DAG's own queries, such as those of this page, come on top."
        : "What the job of a run cost is known in the cloud only: nobody bills a run on one machine.",
    ),
    table(
      "What the last runs took",
      [
        "Started (UTC)",
        "Run",
        "Lines read#",
        "Seconds#",
        "Lines a second#",
        ...(billed ? ["Worker seconds#", "Slot seconds#", "GiB billed#", "US dollars#"] : []),
      ],
      runs.map((run) => [
        run.started_at,
        run.run_id,
        grouped(String(run.rows_read)),
        run.seconds.toFixed(1),
        run.seconds > 0 ? grouped((run.rows_read / run.seconds).toFixed(0)) : "–",
        ...(billed ? price(run) : []),
      ]),
    ),
  ];
}

function price({ worker_seconds, slot_seconds, bytes_billed, cost_usd }: Run): string[] {
  const shown = (value: number | null, digits: number): string =>
    value === null ? "–" : grouped(value.toFixed(digits));
  const gib = bytes_billed === null ? null : bytes_billed / 2 ** 30;
  return [shown(worker_seconds, 0), shown(slot_seconds, 0), shown(gib, 2), shown(cost_usd, 4)];
}

const missing = (reason: string): HTMLElement =>
  element(
    "p",
    { class: "word" },
    `No estimate (${reason}): run `,
    element("code", {}, "npm run synth"),
    ", then the report again.",
  );

type Known = Exclude<Cost, { missing: string }>;

function parts({ basis, stacks, usd, components, savings, unknown }: Known): HTMLElement[] {
  return [
    paragraph(
      `${basis.join(" ")} From the stacks as they were last synthesized; `,
      element("code", {}, "npm run cost"),
      " synthesizes them again.",
    ),
    element(
      "div",
      { class: "cards" },
      stacks.map((stack, n) =>
        element("div", { class: "card" }, element("span", {}, stack), element("strong", {}, usd[n] ?? "")),
      ),
    ),
    bars(
      "Cost of a month by component, as in the table below",
      stacks,
      series(components, stacks.length),
      (value) => (typeof value === "number" ? value.toFixed(2) : "–"),
      { stack: true },
    ),
    amounts("Cost of a month by component", components),
    heading("Saved in a month, already taken off above"),
    amounts("Saved in a month", savings),
    heading("Not estimated, not in the sums"),
    unknown.length === 0
      ? paragraph("Nothing.")
      : element(
          "ul",
          {},
          unknown.map((line) => element("li", {}, line)),
        ),
  ];
}

/** Rows of components, the most expensive first, as parts of each stack's bar. */
function series(rows: readonly (readonly string[])[], stacks: number): Bars[] {
  // Without the head and the sum.
  const components = rows.slice(1, -1);
  const usd = ([, ...cells]: readonly string[]): number[] =>
    Array.from({ length: stacks }, (_, n) => Number((cells[n] ?? "").replaceAll(",", "")) || 0);
  const leading = components
    .slice(0, COLORS.length)
    .map((row, n): Bars => ({ name: row[0] ?? "", color: COLORS[n] ?? "compared", values: usd(row) }));
  const rest = components.slice(COLORS.length).map(usd);
  const others = Array.from({ length: stacks }, (_, n) => rest.reduce((sum, row) => sum + (row[n] ?? 0), 0));
  return rest.length === 0 ? leading : [...leading, { name: "other", color: "compared", values: others }];
}

/** A head and rows of a name and amounts; the last row is their sum. */
function amounts(
  label: string,
  [[name = "", ...stacks] = [], ...rows]: readonly (readonly string[])[],
): HTMLElement {
  return table(label, [name, ...stacks.map((stack) => `${stack}#`)], rows, "sums");
}

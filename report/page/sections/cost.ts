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

/** The cluster is paid for by the second. */
function took(runs: readonly Run[]): HTMLElement[] {
  return [
    heading("What the last runs took"),
    table(
      "What the last runs took",
      ["Started (UTC)", "Run", "Lines read#", "Seconds#", "Lines a second#"],
      runs.map(({ started_at, run_id, rows_read, seconds }) => [
        started_at,
        run_id,
        grouped(String(rows_read)),
        seconds.toFixed(1),
        seconds > 0 ? grouped((rows_read / seconds).toFixed(0)) : "–",
      ]),
    ),
  ];
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

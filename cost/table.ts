import { AGE_DAYS, HOURS_PER_MONTH } from "./assumptions";
import { Estimate } from "./estimate";
import { MEASURES, sum } from "./line";
import { AS_OF, CURRENCY, REGION } from "./price-list";

const dollars = (usd: number): string => usd.toFixed(2).replace(/\B(?=(\d{3})+(?!\d))/g, ",");

/** Rows of text and amounts in columns; a rule above the last row. */
function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_cell, at) => Math.max(...rows.map((row) => (row[at] ?? "").length)));
  const drawn = rows.map((row) =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join("  "),
  );
  const rule = widths.map((width) => "-".repeat(width)).join("  ");
  return [drawn[0] ?? "", rule, ...drawn.slice(1, -1), rule, drawn.at(-1) ?? ""];
}

/** Components by what they cost most, stacks side by side; a dash where a stack has no such component. */
function components(estimates: readonly Estimate[]): string[] {
  const of = ({ lines }: Estimate, component: string): number | undefined => {
    const found = lines.filter((item) => item.component === component);
    return found.length === 0 ? undefined : sum(found);
  };
  const names = [...new Set(estimates.flatMap(({ lines }) => lines.map(({ component }) => component)))];
  const most = (name: string): number => Math.max(...estimates.map((item) => of(item, name) ?? 0));
  const cell = (usd: number | undefined): string => (usd === undefined ? "-" : dollars(usd));
  return columns([
    ["component", ...estimates.map(({ stack }) => stack)],
    ...names
      .sort((a, b) => most(b) - most(a))
      .map((name) => [name, ...estimates.map((item) => cell(of(item, name)))]),
    ["total", ...estimates.map(({ usd }) => dollars(usd))],
  ]);
}

function savings(estimates: readonly Estimate[]): string[] {
  const by = (measure: string) =>
    estimates.map((item) => sum(item.savings.filter((saving) => saving.measure === measure)));
  return columns([
    ["saved by", ...estimates.map(({ stack }) => stack)],
    ...MEASURES.map((measure) => [measure, ...by(measure).map(dollars)]),
    ["total", ...estimates.map((item) => dollars(sum(item.savings)))],
  ]);
}

/** The estimate for people: what each part of each environment costs, what is saved, what is not known. */
export function table(estimates: readonly Estimate[]): string {
  const unknown = estimates.flatMap(({ stack, notEstimated }) =>
    notEstimated.map(({ address, reason }) => `  ${stack}: ${address}: ${reason}`),
  );
  const free = new Set(estimates.flatMap((item) => item.free.map(({ type }) => type))).size;
  return [
    `Estimate for a month in ${CURRENCY}, ${REGION}, list prices as of ${AS_OF}, without taxes and discounts.`,
    `${HOURS_PER_MONTH} hours, after ${Math.round(AGE_DAYS / 365)} years of data; what is assumed: docs/cost.md.`,
    "",
    ...components(estimates),
    "",
    ...savings(estimates),
    "",
    ...(unknown.length === 0 ? ["Not estimated: nothing."] : ["Not estimated, not in the sums:", ...unknown]),
    `Free of charge: ${free} resource types, with reasons in cost/free.ts.`,
  ].join("\n");
}

import type { Estimate } from "../cost/estimate";
import { componentsOf, costOf } from "../cost/summary";
import { LEGEND, draw, rows } from "./charts";
import type { Markup } from "./html";

/** The most expensive components have a colour each, the rest share grey. */
const COLORS = ["#2563eb", "#0d9488", "#d97706", "#7c3aed", "#db2777"];
const REST = "#94a3b8";

/** One bar for each stack, the most expensive on top, divided by component. */
export function costChart(estimates: readonly Estimate[]): Markup {
  const stacks = [...estimates].reverse();
  const components = componentsOf(estimates);
  const leading = components.slice(0, COLORS.length);
  const rest = components.slice(COLORS.length);
  const bar = (name: string, color: string, parts: readonly string[]): object => ({
    type: "bar",
    stack: "cost",
    name,
    color,
    data: stacks.map((stack) => parts.reduce((usd, part) => usd + (costOf(stack, part) ?? 0), 0)),
  });
  return draw(
    {
      grid: { left: 80, right: 24, top: 36, bottom: 24 },
      legend: LEGEND,
      ...rows(stacks.map(({ stack }) => stack)),
      series: [
        ...leading.map((name, n) => bar(name, COLORS[n] ?? REST, [name])),
        ...(rest.length > 0 ? [bar("other", REST, rest)] : []),
      ],
    },
    1040,
    60 + 34 * stacks.length,
  );
}

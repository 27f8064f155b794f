import { overTime } from "../charts/over-time";
import type { Sums } from "../figures/sums";
import { type View, bySteps, hasTransactions, stepsOf } from "../figures/view";
import { dayAt } from "../filter/choice";
import { details, section } from "../ui/dom";
import { drawn, grouped, money } from "../ui/format";
import { table } from "../ui/table";
import { missing } from "./missing";

/** Revenue, profit and returns over time. */
export function trend(view: View): HTMLElement {
  const steps = stepsOf(view);
  const now = bySteps(view, steps, view.span);
  if (!now) return section("trend", "Trend", missing(view));
  const before = bySteps(view, steps, view.compared);
  const first = now.map((_, step) => dayAt(view.span[0] + step * steps.days, view.sales));
  const values = (sums: readonly Sums[], name: keyof Sums): number[] => sums.map((one) => drawn(one[name]));
  const unit = steps.unit === "day" ? "Day" : "Week from";
  return section(
    "trend",
    `Revenue, profit and returns by ${steps.unit}`,
    overTime(
      `Revenue, gross profit and returned revenue by ${steps.unit}, as in the table below`,
      first,
      [
        { name: "Revenue", color: "revenue", values: values(now, "revenue") },
        ...(before
          ? [
              {
                name: "Revenue compared",
                color: "compared" as const,
                values: values(before, "revenue"),
                dashed: true,
              },
            ]
          : []),
        { name: "Gross profit", color: "profit", values: values(now, "gross_profit") },
        { name: "Returned", color: "returned", values: values(now, "returned_revenue") },
      ],
      axisMoney,
    ),
    details(
      "trend-table",
      `Figures by ${steps.unit}`,
      table(
        `Figures by ${steps.unit}`,
        [unit, "Revenue#", ...(before ? ["Compared#"] : []), "Gross profit#", "Returned#", "Transactions#"],
        now.map((sums, step) => [
          first[step] ?? "",
          money(sums.revenue),
          ...(before ? [money(before[step]?.revenue ?? null)] : []),
          money(sums.gross_profit),
          money(sums.returned_revenue),
          hasTransactions(view) ? grouped(String(Number(sums.transactions) / 1e9)) : "–",
        ]),
      ),
    ),
  );
}

export const axisMoney = (value: unknown): string =>
  typeof value === "number" ? grouped(value.toFixed(2)) : "–";

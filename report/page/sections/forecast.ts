import { overTime } from "../charts/over-time";
import type { Accuracy } from "../data/document";
import { bySteps, type View } from "../figures/view";
import { valueAt } from "../figures/sums";
import { dayAt, offset } from "../filter/choice";
import { details, heading, paragraph, section, word } from "../ui/dom";
import { type Figure, drawn, money, percent, share } from "../ui/format";
import { named, table } from "../ui/table";
import { axisMoney } from "./trend";

/** Days before the forecast that the chart shows. */
const BEFORE = 56;

interface Day {
  readonly day: number;
  readonly revenue: Figure;
  /** Bounds of several stores are not the sum of their bounds. */
  readonly bounds: readonly [Figure, Figure] | null;
}

/** The revenue to expect of the chosen stores; the period does not change it. */
export function forecast(view: View): HTMLElement {
  const title = "Forecast";
  if (view.choice.category !== null)
    return section("forecast", title, word("A forecast is made by store, not by category."));
  const days = expected(view);
  if (days.length === 0)
    return section("forecast", title, word("There is none for the chosen stores."), ...accuracy(view));
  const total = days.reduce((sum, { revenue }) => sum + revenue, 0n);
  return section(
    "forecast",
    title,
    paragraph(
      `Revenue to expect in the ${String(days.length)} days after ${view.sales.days[1]}: ${money(total)}${ofStores(view)}. `,
      "The period does not change it.",
    ),
    drawing(view, days),
    details(
      "forecast-table",
      "Figures by day",
      table(
        "Forecast by day",
        ["Day", "Revenue#", "Lower#", "Upper#"],
        days.map(({ day, revenue, bounds }) => [
          dateOf(view, day),
          money(revenue),
          bounds ? money(bounds[0]) : "–",
          bounds ? money(bounds[1]) : "–",
        ]),
      ),
    ),
    ...(days[0]?.bounds === null ? [word("Bounds of 80 % are those of a single store: choose one.")] : []),
    ...accuracy(view),
  );
}

/** The sum of the chosen stores, day by day. */
function expected({ sales, stores }: View): readonly Day[] {
  const { day, store_id, revenue, lower, upper } = sales.forecast;
  const rows = day.flatMap((_, row) => (stores[store_id[row] ?? -1] === true ? [row] : []));
  const alone = new Set(rows.map((row) => store_id[row])).size === 1;
  return [...new Set(rows.map((row) => day[row] ?? 0))].map((one) => {
    const ofDay = rows.filter((row) => day[row] === one);
    const [first = -1] = ofDay;
    return {
      day: one,
      revenue: ofDay.reduce((sum, row) => sum + valueAt(revenue, row), 0n),
      bounds: alone ? ([valueAt(lower, first), valueAt(upper, first)] as const) : null,
    };
  });
}

/** Says so where some of the chosen stores have no forecast. */
function ofStores({ sales, stores }: View): string {
  const chosen = stores.filter(Boolean).length;
  const found = new Set(sales.forecast.store_id.filter((store) => stores[store] === true)).size;
  return found === chosen ? "" : `, of ${String(found)} of ${String(chosen)} stores`;
}

const dateOf = ({ sales }: View, day: number): string => dayAt(offset(sales.days[1], sales) + day, sales);

function drawing(view: View, days: readonly Day[]): HTMLElement {
  const last = offset(view.sales.days[1], view.sales);
  const first = Math.max(0, last - BEFORE + 1);
  const length = last - first + 1;
  const past = bySteps(view, { unit: "day", length, days: 1 }, [first, last]) ?? [];
  const nothing = days.map(() => null);
  const before = past.map(() => null);
  const bounds = days.every((day) => day.bounds !== null);
  return overTime(
    "Revenue of the last days and the forecast, as in the table below",
    [...past.map((_, n) => dayAt(first + n, view.sales)), ...days.map(({ day }) => dateOf(view, day))],
    [
      { name: "Revenue", color: "revenue", values: [...past.map((sums) => drawn(sums.revenue)), ...nothing] },
      {
        name: "Forecast",
        color: "profit",
        dashed: true,
        values: [...before, ...days.map((day) => drawn(day.revenue))],
      },
      ...(bounds
        ? [
            {
              name: "80 % of the days",
              color: "profit" as const,
              from: [...before, ...days.map((day) => drawn(day.bounds?.[0] ?? 0n))],
              values: [...before, ...days.map((day) => drawn(day.bounds?.[1] ?? 0n))],
            },
          ]
        : []),
    ],
    axisMoney,
  );
}

/** How well the same model would have done, beside the same weekday a week before. */
function accuracy({ sales, stores, choice }: View): HTMLElement[] {
  const { stores: known, forecast } = sales;
  const tested = forecast.accuracy.filter(({ store_id }) => store_id !== null && stores[store_id] === true);
  const all = forecast.accuracy.find(({ store_id }) => store_id === null);
  const single = choice.store === null ? all : tested[0];
  if (!single) return [];
  return [
    heading("How good it is"),
    paragraph(sentence(single, choice.store === null ? "over all stores" : "of this store")),
    ...(tested.length < 2
      ? []
      : [
          details(
            "accuracy",
            "By store",
            table(
              "How good the forecast is by store",
              ["Store", "Error#", "Naive error#", "In bounds#", "Why none"],
              tested.map((one) => [
                named(known.store_id[one.store_id ?? -1] ?? "", known.store_name[one.store_id ?? -1] ?? null),
                percent(share(one.model_error)),
                percent(share(one.naive_error)),
                percent(share(one.coverage)),
                one.reason ?? "",
              ]),
            ),
          ),
        ]),
  ];
}

function sentence({ days, model_error, naive_error, coverage, reason }: Accuracy, where: string): string {
  const [error, naive] = [share(model_error), share(naive_error)];
  if (error === null || naive === null)
    return reason === null ? "Nobody has tested the model yet." : `No forecast: ${reason}.`;
  const verdict =
    error < naive
      ? "which is better than the naive forecast, the same weekday a week before"
      : "which is no better than the naive forecast, the same weekday a week before: do not use it";
  return (
    `Tested on the last ${String(days)} days ${where}: it was wrong by ${percent(error)} of the revenue, ${verdict} ` +
    `(${percent(naive)}); ${percent(share(coverage))} of the days were inside the bounds.`
  );
}

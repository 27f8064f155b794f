import { basket_value, growth, profit_margin, return_rate, revenue_per_sqft } from "measures";
import { bars } from "../charts/bars";
import { customersOfStore } from "../figures/customers";
import { divide } from "../figures/exact";
import type { Sums } from "../figures/sums";
import { type View, byStore } from "../figures/view";
import { details, heading, section, word } from "../ui/dom";
import { type Figure, ONE, count, drawn, money, percent, signed } from "../ui/format";
import { named, table } from "../ui/table";
import { missing } from "./missing";
import { axisMoney } from "./trend";

const TOP = 15;

interface Store {
  readonly place: number;
  readonly now: Sums;
  readonly before: Sums | undefined;
}

/** The chosen stores beside each other, and their regions. */
export function stores(view: View): HTMLElement {
  const now = byStore(view, view.span);
  if (!now) return section("stores", "Stores", missing(view));
  const before = byStore(view, view.compared);
  const every = now
    .map((sums, place) => ({ place, now: sums, before: before?.[place] }))
    .filter(({ place }) => view.stores[place] === true);
  const listed = every
    .filter(({ now }) => Object.values(now).some((sum) => sum !== 0n))
    .sort((a, b) =>
      a.now.revenue < b.now.revenue ? 1 : a.now.revenue > b.now.revenue ? -1 : a.place - b.place,
    );
  if (listed.length === 0) return section("stores", "Stores", word("No store sold anything."));
  const total = listed.reduce((sum, one) => sum + one.now.revenue, 0n);
  const leading = listed.slice(0, TOP);
  const names = view.sales.stores;
  return section(
    "stores",
    "Stores",
    bars(
      "Revenue of the stores with the most revenue, as in the table below",
      leading.map(({ place }) => names.store_name[place] ?? names.store_id[place] ?? ""),
      [
        { name: "Revenue", color: "revenue", values: leading.map((one) => drawn(one.now.revenue)) },
        ...(before
          ? [
              {
                name: "Compared",
                color: "compared" as const,
                values: leading.map((one) => drawn(one.before?.revenue ?? 0n)),
              },
            ]
          : []),
      ],
      axisMoney,
    ),
    storeTable(view, "Stores with the most revenue", leading, total),
    ...(listed.length > TOP
      ? [
          details(
            "all-stores",
            `The other ${String(listed.length - TOP)} stores`,
            storeTable(view, "Other stores", listed.slice(TOP), total),
          ),
        ]
      : []),
    ...regions(view, every, total),
  );
}

function storeTable(view: View, label: string, listed: readonly Store[], total: Figure): HTMLElement {
  const { stores, regions } = view.sales;
  const sized = stores.store_size_sqft.some((size) => size !== null);
  const customers = listed.map(({ place }) => customersOfStore(view, view.span, place));
  const counted = customers.some((found) => found !== undefined);
  return table(
    label,
    [
      "Store",
      "Region",
      ...FIGURES,
      ...(counted ? ["Customers#"] : []),
      ...(sized ? ["Revenue a sq ft#"] : []),
    ],
    listed.map(({ place, now, before }, n) => [
      named(stores.store_id[place] ?? "", stores.store_name[place] ?? null),
      regions[stores.region[place] ?? -1] ?? "–",
      ...figuresOf(now, before, total),
      ...(counted ? [count(customers[n] ?? null)] : []),
      ...(sized
        ? [
            money(
              revenue_per_sqft({ ...now, store_size_sqft: BigInt(stores.store_size_sqft[place] ?? 0) * ONE }),
            ),
          ]
        : []),
    ]),
  );
}

/** Columns that the tables of stores and of regions have in common. */
const FIGURES = [
  "Revenue#",
  "Share#",
  "Change#",
  "Gross profit#",
  "Margin#",
  "Basket value#",
  "Return rate#",
] as const;

const figuresOf = (now: Sums, before: Sums | undefined, total: Figure): string[] => [
  money(now.revenue),
  share(now, total),
  change(now, before),
  money(now.gross_profit),
  percent(profit_margin(now)),
  money(basket_value(now)),
  percent(return_rate(now)),
];

const share = (now: Sums, total: Figure): string => percent(total > 0n ? divide(now.revenue, total) : null);
const change = (now: Sums, before: Sums | undefined): string =>
  before ? signed(percent(growth({ revenue: now.revenue, previous_revenue: before.revenue }))) : "–";

/** Of every chosen store: one that sells no more was part of what the region is compared with. */
function regions(view: View, every: readonly Store[], total: Figure): HTMLElement[] {
  const { region } = view.sales.stores;
  const names = [...new Set(every.map(({ place }) => region[place] ?? -1))];
  if (names.length < 2) return [];
  const rows = names.map((name) => {
    const part = every.filter(({ place }) => region[place] === name);
    return {
      name: view.sales.regions[name] ?? null,
      stores: part.length,
      now: add(part.map(({ now }) => now)),
      before: addAll(part),
    };
  });
  rows.sort((a, b) => (a.now.revenue < b.now.revenue ? 1 : -1));
  return [
    heading("Regions"),
    table(
      "Regions",
      ["Region", "Stores#", ...FIGURES],
      rows.map(({ name, stores, now, before }) => [
        name ?? "no region",
        String(stores),
        ...figuresOf(now, before, total),
      ]),
    ),
  ];
}

const add = (parts: readonly Sums[]): Sums =>
  parts.reduce((sum, one) => {
    const entries = Object.entries(one) as [keyof Sums, Figure][];
    return Object.fromEntries(entries.map(([name, value]) => [name, value + sum[name]])) as unknown as Sums;
  });

function addAll(part: readonly Store[]): Sums | undefined {
  const before = part.map((one) => one.before);
  return before.every((sums) => sums !== undefined) ? add(before) : undefined;
}

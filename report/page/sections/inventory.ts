import type { Stocked } from "../data/document";
import type { View } from "../figures/view";
import { details, element, heading, paragraph, section, word } from "../ui/dom";
import { grouped } from "../ui/format";
import { named, table } from "../ui/table";

const LISTS: readonly (readonly [Stocked["list"], string])[] = [
  ["short", "Stock lasts less than 14 days"],
  ["dead stock", "In stock, without a sale in 28 days"],
  ["rising", "Rising most"],
  ["slowing", "Slowing most"],
];

const MEANINGS: Readonly<Record<string, string>> = {
  rising: "More than a quarter faster than before, or first sold in the last 28 days",
  steady: "Neither faster nor slower by more than a quarter",
  slowing: "More than a quarter slower than before",
  dead: "No sale in the last 28 days",
};

/** How fast products sell and how long their stock lasts; the filter does not change it. */
export function inventory({ sales }: View): HTMLElement {
  const { signals, products } = sales.inventory;
  const stocked = signals.some(({ with_stock }) => with_stock > 0);
  return section(
    "inventory",
    "Inventory",
    paragraph(
      "Pieces a day over the last 28 days beside the 28 before, over all stores: the filter does not change them.",
    ),
    ...(stocked ? [] : [word("No stock figure is known: products.csv has no stock_quantity.")]),
    table(
      "Products by signal",
      ["Signal", "Products#", ...(stocked ? ["With a stock figure#"] : []), "Meaning"],
      signals.map(({ signal, products, with_stock }) => [
        signal,
        grouped(String(products)),
        ...(stocked ? [grouped(String(with_stock))] : []),
        MEANINGS[signal] ?? "",
      ]),
    ),
    ...LISTS.flatMap(([list, title]) => {
      const rows = products.filter((one) => one.list === list);
      return rows.length === 0 ? [] : [listed(list, title, rows, stocked)];
    }),
  );
}

const listed = (list: string, title: string, rows: readonly Stocked[], stocked: boolean): HTMLElement => {
  const made = table(
    title,
    [
      "Product",
      "Pieces a day#",
      "Before#",
      "Days since a sale#",
      ...(stocked ? ["In stock#", "Lasts days#"] : []),
    ],
    rows.map((one) => [
      named(one.product_id, one.product_name),
      rounded(one.pieces_per_day),
      rounded(one.previous_pieces_per_day),
      one.days_since_last_sale === null ? "–" : grouped(String(one.days_since_last_sale)),
      ...(stocked ? [rounded(one.stock_quantity), rounded(one.days_of_cover)] : []),
    ]),
  );
  // What to act on is open.
  return ["short", "dead stock"].includes(list)
    ? element("div", {}, heading(title), made)
    : details(`inventory-${list}`, title, made);
};

const rounded = (value: string | null): string => (value === null ? "–" : grouped(Number(value).toFixed(1)));

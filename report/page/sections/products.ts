import { growth, profit_margin, return_rate } from "measures";
import { bars } from "../charts/bars";
import { byProduct } from "../figures/products";
import type { Sums } from "../figures/sums";
import { type View, byCategory } from "../figures/view";
import { details, element, heading, section, word } from "../ui/dom";
import { type Figure, drawn, money, percent, plain, signed } from "../ui/format";
import { type Cell, named, table } from "../ui/table";
import { missing } from "./missing";
import { axisMoney } from "./trend";

const TOP = 10;

interface Product {
  readonly place: number;
  readonly now: Sums;
  readonly before: Sums | undefined;
}

/** The products with the most revenue, those that rise and fall, and the categories. */
export function products(view: View): HTMLElement {
  const found = ranked(view);
  return section(
    "products",
    "Products",
    ...(typeof found === "string" ? [word(found)] : productLists(view, found)),
    ...categories(view),
  );
}

function ranked(view: View): readonly Product[] | string {
  const now = byProduct(view, view.span);
  if (typeof now === "string") return now;
  const before = view.compared && byProduct(view, view.compared);
  const compared = typeof before === "string" ? undefined : before;
  return now.map((sums, place) => ({ place, now: sums, before: compared?.[place] })).filter(moved);
}

const moved = ({ now, before }: Product): boolean =>
  !isEmpty(now) || (before !== undefined && !isEmpty(before));
const isEmpty = (sums: Sums): boolean => Object.values(sums).every((sum) => sum === 0n);

function productLists(view: View, found: readonly Product[]): HTMLElement[] {
  const { sales } = view;
  const sold = found.filter(({ now }) => !isEmpty(now));
  if (sold.length === 0) return [word("No product was sold.")];
  const top = [...sold].sort((a, b) => order(b.now.revenue, a.now.revenue) || a.place - b.place);
  const leading = top.slice(0, TOP);
  const some = sales.product_sales.all_products
    ? []
    : [
        word(
          `Of the ${String(sales.products.product_id.length)} products with the most revenue since ${sales.days[0]}.`,
        ),
      ];
  return [
    ...some,
    heading("Most revenue"),
    bars(
      "Revenue and gross profit of the products with the most revenue, as in the table below",
      leading.map(({ place }) => nameOf(view, place)),
      [
        { name: "Revenue", color: "revenue", values: leading.map(({ now }) => drawn(now.revenue)) },
        { name: "Gross profit", color: "profit", values: leading.map(({ now }) => drawn(now.gross_profit)) },
      ],
      axisMoney,
    ),
    productTable(view, "Products with the most revenue", leading),
    ...(top.length > TOP
      ? [
          details(
            "all-products",
            `The next ${String(Math.min(top.length, 100) - TOP)}`,
            productTable(view, "More products", top.slice(TOP, 100)),
          ),
        ]
      : []),
    ...risingAndFalling(view, found),
  ];
}

function risingAndFalling(view: View, found: readonly Product[]): HTMLElement[] {
  if (!view.compared || found.some(({ before }) => before === undefined))
    return [
      heading("Rising and falling"),
      word("Nothing to compare with: choose another period or comparison."),
    ];
  const difference = ({ now, before }: Product): Figure => now.revenue - (before?.revenue ?? 0n);
  const sorted = [...found].sort((a, b) => order(difference(b), difference(a)) || a.place - b.place);
  const rising = sorted.filter((one) => difference(one) > 0n).slice(0, TOP);
  const falling = sorted
    .reverse()
    .filter((one) => difference(one) < 0n)
    .slice(0, TOP);
  const list = (title: string, part: readonly Product[]): HTMLElement =>
    element(
      "div",
      {},
      heading(title),
      part.length === 0
        ? word("None.")
        : table(
            title,
            ["Product", "Revenue#", "Compared#", "Change#", "In percent#"],
            part.map((one) => [
              productName(view, one.place),
              money(one.now.revenue),
              money(one.before?.revenue ?? null),
              signed(money(difference(one))),
              change(one),
            ]),
          ),
    );
  return [element("div", { class: "pair" }, list("Rising", rising), list("Falling", falling))];
}

const order = (a: Figure, b: Figure): number => (a < b ? -1 : a > b ? 1 : 0);
const nameOf = ({ sales: { products } }: View, place: number): string =>
  products.product_name[place] ?? products.product_id[place] ?? "";
const productName = ({ sales: { products } }: View, place: number): Cell =>
  named(products.product_id[place] ?? "", products.product_name[place] ?? null);

function change({ now, before }: { readonly now: Sums; readonly before: Sums | undefined }): string {
  if (!before) return "–";
  return signed(percent(growth({ revenue: now.revenue, previous_revenue: before.revenue })));
}

function productTable(view: View, label: string, listed: readonly Product[]): HTMLElement {
  const { products, categories } = view.sales;
  return table(
    label,
    ["Product", "Category", "Revenue#", "Change#", "Gross profit#", "Margin#", "Quantity#", "Return rate#"],
    listed.map((one) => [
      productName(view, one.place),
      categories[products.category[one.place] ?? -1] ?? "–",
      money(one.now.revenue),
      change(one),
      money(one.now.gross_profit),
      percent(profit_margin(one.now)),
      plain(one.now.quantity),
      percent(return_rate(one.now)),
    ]),
  );
}

function categories(view: View): HTMLElement[] {
  const { sales } = view;
  const now = byCategory(view, view.span);
  if (!now) return [heading("Categories"), missing(view)];
  const before = byCategory(view, view.compared);
  const listed = now
    .map((sums, place) => ({
      name: sales.categories[place] ?? "no category",
      now: sums,
      before: before?.[place],
    }))
    .filter((one) => !isEmpty(one.now))
    .sort((a, b) => order(b.now.revenue, a.now.revenue));
  if (listed.length === 0) return [];
  return [
    heading("Categories"),
    bars(
      "Revenue and gross profit by category, as in the table below",
      listed.map(({ name }) => name),
      [
        { name: "Revenue", color: "revenue", values: listed.map(({ now }) => drawn(now.revenue)) },
        { name: "Gross profit", color: "profit", values: listed.map(({ now }) => drawn(now.gross_profit)) },
      ],
      axisMoney,
    ),
    table(
      "Categories",
      ["Category", "Revenue#", "Change#", "Gross profit#", "Margin#", "Return rate#"],
      listed.map((one) => [
        one.name,
        money(one.now.revenue),
        change(one),
        money(one.now.gross_profit),
        percent(profit_margin(one.now)),
        percent(return_rate(one.now)),
      ]),
    ),
  ];
}

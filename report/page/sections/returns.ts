import { return_rate } from "measures";
import { overTime } from "../charts/over-time";
import { byProduct } from "../figures/products";
import { type View, bySteps, byStore, stepsOf } from "../figures/view";
import { dayAt } from "../filter/choice";
import { details, element, heading, section, word } from "../ui/dom";
import { drawn, money, percent } from "../ui/format";
import { type Cell, named, table } from "../ui/table";
import { missing } from "./missing";

const TOP = 10;

/** What came back: its share over time, and of which products and stores most came back. */
export function returns(view: View): HTMLElement {
  const steps = stepsOf(view);
  const now = bySteps(view, steps, view.span);
  if (!now) return section("returns", "Returns", missing(view));
  const before = bySteps(view, steps, view.compared);
  const first = now.map((_, step) => dayAt(view.span[0] + step * steps.days, view.sales));
  const rates = (sums: typeof now): (number | null)[] =>
    sums.map((one) => {
      const rate = return_rate(one);
      return rate === null ? null : drawn(rate) * 100;
    });
  return section(
    "returns",
    "Returns",
    overTime(
      `Return rate by ${steps.unit}, as in the table below`,
      first,
      [
        { name: "Return rate", color: "returned", values: rates(now) },
        ...(before
          ? [
              {
                name: "Return rate compared",
                color: "compared" as const,
                values: rates(before),
                dashed: true,
              },
            ]
          : []),
      ],
      (value) => (typeof value === "number" ? `${value.toFixed(1)} %` : "–"),
      (value) => `${String(value)} %`,
    ),
    details(
      "returns-table",
      `Return rate by ${steps.unit}`,
      table(
        `Return rate by ${steps.unit}`,
        [
          steps.unit === "day" ? "Day" : "Week from",
          "Returned#",
          "Return rate#",
          ...(before ? ["Compared#"] : []),
        ],
        now.map((sums, step) => [
          first[step] ?? "",
          money(sums.returned_revenue),
          percent(return_rate(sums)),
          ...(before?.[step] ? [percent(return_rate(before[step]))] : []),
        ]),
      ),
    ),
    element("div", { class: "pair" }, products(view), stores(view)),
  );
}

interface Returned {
  readonly name: Cell;
  readonly returned: bigint;
  readonly rate: bigint | null;
}

function list(title: string, kind: string, found: readonly Returned[]): HTMLElement {
  const most = found
    .filter(({ returned }) => returned !== 0n)
    .sort((a, b) => (a.returned < b.returned ? 1 : a.returned > b.returned ? -1 : 0))
    .slice(0, TOP);
  return element(
    "div",
    {},
    heading(title),
    most.length === 0
      ? word("Nothing came back.")
      : table(
          title,
          [kind, "Returned#", "Return rate#"],
          most.map(({ name, returned, rate }) => [name, money(returned), percent(rate)]),
        ),
  );
}

function products(view: View): HTMLElement {
  const title = "Products of which most came back";
  const { products } = view.sales;
  const sums = byProduct(view, view.span);
  if (typeof sums === "string") return element("div", {}, heading(title), word(sums));
  return list(
    title,
    "Product",
    sums.map((one, place) => ({
      name: named(products.product_id[place] ?? "", products.product_name[place] ?? null),
      returned: one.returned_revenue,
      rate: return_rate(one),
    })),
  );
}

function stores(view: View): HTMLElement {
  const { stores } = view.sales;
  const sums = byStore(view, view.span);
  const title = "Stores to which most came back";
  if (!sums) return element("div", {}, heading(title), missing(view));
  return list(
    title,
    "Store",
    sums.map((one, place) => ({
      name: named(stores.store_id[place] ?? "", stores.store_name[place] ?? null),
      returned: one.returned_revenue,
      rate: return_rate(one),
    })),
  );
}

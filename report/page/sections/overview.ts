import { basket_value, growth, profit_margin, return_rate, revenue_per_customer } from "measures";
import { customersOf } from "../figures/customers";
import type { Sums } from "../figures/sums";
import { type View, hasTransactions, totals } from "../figures/view";
import { type Span, spanText } from "../filter/choice";
import { card } from "../ui/card";
import { element, nowrap, section, word } from "../ui/dom";
import { type Figure, count, fixed, money, percent, signed } from "../ui/format";
import { leftOut, missing } from "./missing";

/** The key figures, each with its change against the compared period. */
export function overview(view: View): HTMLElement {
  const { span, compared, choice } = view;
  const now = totals(view, span);
  if (!now) return section("overview", "Overview", missing(view));
  const before = totals(view, compared);
  const [customers, customersBefore] = [customersOf(view, span), customersOf(view, compared)];
  const spent = (sums: Sums | undefined, of: Figure | undefined): Figure | null =>
    sums && of !== undefined ? revenue_per_customer({ ...sums, customers: of }) : null;
  return section(
    "overview",
    "Overview",
    element("p", { class: "period" }, days(span, view), ...comparison(view, before)),
    element(
      "div",
      { class: "cards" },
      card("Revenue", money(now.revenue), change(now.revenue, before?.revenue)),
      card("Gross profit", money(now.gross_profit), change(now.gross_profit, before?.gross_profit)),
      card(
        "Margin",
        percent(profit_margin(now)),
        points(profit_margin(now), before && profit_margin(before)),
      ),
      hasTransactions(view)
        ? card("Transactions", count(now.transactions), change(now.transactions, before?.transactions, count))
        : card("Transactions", "–", leftOut(view, "categories")),
      card(
        "Basket value",
        money(basket_value(now)),
        change(basket_value(now) ?? undefined, (before && basket_value(before)) ?? undefined),
      ),
      customers === undefined
        ? card("Customers", "–", uncounted(view))
        : card("Customers", count(customers), change(customers, customersBefore, count)),
      card(
        "Revenue a customer",
        money(spent(now, customers)),
        change(spent(now, customers) ?? undefined, spent(before, customersBefore) ?? undefined),
      ),
      card("Return rate", percent(return_rate(now)), points(return_rate(now), before && return_rate(before))),
    ),
    element(
      "p",
      { class: "note" },
      `Net of returns. A transaction counts on each day and in each store that it has lines in${
        choice.category === null ? "" : ", here where it has a line of the category"
      }.`,
    ),
  );
}

const days = (span: Span, { sales }: Pick<View, "sales">): HTMLElement => nowrap(spanText(span, sales));

function comparison(view: View, before: Sums | undefined): (string | HTMLElement)[] {
  const { compared, sales, choice } = view;
  if (choice.compare === "none") return [];
  if (compared && before) return [" against ", days(compared, view)];
  return [" ", word(`Nothing to compare with: figures begin on ${sales.days[0]}.`)];
}

function uncounted(view: View): HTMLElement {
  if (view.choice.category !== null) return word("Not counted by category.");
  const named = view.sales.periods.some(({ name }) => name === view.choice.period);
  return named ? leftOut(view, "customers") : word("Counted for the named periods only.");
}

/** Growth of a figure, as the measure defines it. */
function change(
  now: Figure | undefined,
  before: Figure | null | undefined,
  format = money,
): HTMLElement | null {
  if (now === undefined || before === undefined || before === null) return null;
  const grown = growth({ revenue: now, previous_revenue: before });
  return grown === null ? null : trend(grown, signed(percent(grown)), format(before));
}

/** A ratio changes by points, not by a share of itself. */
function points(now: Figure | null, before: Figure | null | undefined): HTMLElement | null {
  if (now === null || before === null || before === undefined) return null;
  return trend(now - before, `${signed(fixed((now - before) * 100n, 1))} points`, percent(before));
}

function trend(direction: Figure, text: string, before: string): HTMLElement {
  const arrow = direction > 0n ? "▲" : direction < 0n ? "▼" : "■";
  return element(
    "span",
    { class: "change" },
    element("span", { "aria-hidden": "true" }, arrow),
    ` ${text} `,
    nowrap(`from ${before}`),
  );
}

import { basket_value, retention } from "measures";
import { bars } from "../charts/bars";
import type { Loyalty } from "../data/document";
import { divide } from "../figures/exact";
import { valueAt } from "../figures/sums";
import type { View } from "../figures/view";
import { element, heading, paragraph, section, word } from "../ui/dom";
import { ONE, count, drawn, grouped, money, percent } from "../ui/format";
import { type Cell, table } from "../ui/table";
import { leftOut } from "./missing";

/** Segments and cohorts; the filter does not change them. */
export function customers(view: View): HTMLElement {
  const { loyalty } = view.sales;
  return section(
    "customers",
    "Customers",
    ...(loyalty.as_of === null
      ? [
          view.sales.left_out.parts.includes("segments")
            ? leftOut(view, "segments")
            : word("No customer is known: no sale line has a customer_id."),
        ]
      : [
          paragraph(
            `Known customers as of ${loyalty.as_of}, over all time and all stores: the filter does not change them. `,
            "A segment comes of how recently, how often and for how much somebody bought.",
          ),
          ...segments(loyalty),
          ...(view.sales.left_out.parts.includes("cohorts")
            ? [heading("Came back"), leftOut(view, "cohorts")]
            : cohorts(loyalty)),
        ]),
  );
}

function segments({ segments }: Loyalty): HTMLElement[] {
  const rows = segments.segment.map((name, row) => ({
    name,
    customers: valueAt(segments.customers, row),
    transactions: valueAt(segments.transactions, row),
    revenue: valueAt(segments.revenue, row),
    gross_profit: valueAt(segments.gross_profit, row),
  }));
  const sum = (of: "customers" | "revenue"): bigint => rows.reduce((total, row) => total + row[of], 0n);
  const [everybody, revenue] = [sum("customers"), sum("revenue")];
  const share = (part: bigint, whole: bigint): bigint | null => (whole > 0n ? divide(part, whole) : null);
  return [
    heading("Segments"),
    bars(
      "Share of the customers and of their revenue by segment, as in the table below",
      rows.map(({ name }) => name),
      [
        {
          name: "Share of customers",
          color: "compared",
          values: rows.map((row) => hundred(share(row.customers, everybody))),
        },
        {
          name: "Share of revenue",
          color: "revenue",
          values: rows.map((row) => hundred(share(row.revenue, revenue))),
        },
      ],
      (value) => (typeof value === "number" ? `${value.toFixed(1)} %` : "–"),
      { axis: (value) => `${String(value)} %` },
    ),
    table(
      "Segments",
      ["Segment", "Customers#", "Of customers#", "Revenue#", "Of revenue#", "Gross profit#", "Basket value#"],
      rows.map((row) => [
        row.name,
        count(row.customers),
        percent(share(row.customers, everybody)),
        money(row.revenue),
        percent(share(row.revenue, revenue)),
        money(row.gross_profit),
        money(basket_value({ revenue: row.revenue, transactions: row.transactions })),
      ]),
    ),
  ];
}

const hundred = (share: bigint | null): number | null => (share === null ? null : drawn(share) * 100);

/** How many of those who first bought in a month bought in a later one. */
function cohorts({ cohorts }: Loyalty): HTMLElement[] {
  const months = [...new Set(cohorts.month)];
  const most = Math.max(0, ...cohorts.months_since);
  const since = Array.from({ length: most }, (_, n) => n + 1);
  return [
    heading("Came back"),
    paragraph("Of those who first bought in a month, the share that bought in the months after it."),
    table(
      "Cohorts",
      ["First bought", "Customers#", ...since.map((n) => `+${String(n)}#`)],
      months.map((month) => {
        const rows = cohorts.month.flatMap((one, row) => (one === month ? [row] : []));
        const at = (n: number): number | undefined => rows.find((row) => cohorts.months_since[row] === n);
        const size = cohorts.cohort_customers[rows[0] ?? -1] ?? 0;
        return [month, grouped(String(size)), ...since.map((n) => cell(cohorts, at(n)))];
      }),
      "cohorts",
    ),
  ];
}

/** The share, on a ground that is the stronger the higher it is. */
function cell({ customers, cohort_customers }: Loyalty["cohorts"], row: number | undefined): Cell {
  if (row === undefined) return "";
  const whole = (found: readonly number[]): bigint => BigInt(found[row] ?? 0) * ONE;
  const share = retention({ customers: whole(customers), cohort_customers: whole(cohort_customers) });
  const made = element("span", { class: "heat" }, percent(share));
  made.style.setProperty("--share", `${String(Math.round(share === null ? 0 : drawn(share) * 100))}%`);
  return made;
}

import { return_rate } from "measures";
import { bars } from "../charts/bars";
import { divide } from "../figures/exact";
import type { Sums } from "../figures/sums";
import { type OpenDay, openDays } from "../figures/today";
import type { View } from "../figures/view";
import { dayAt } from "../filter/choice";
import { card } from "../ui/card";
import { details, element, heading, nowrap, paragraph, section, word } from "../ui/dom";
import { type Figure, count, drawn, grouped, money, percent } from "../ui/format";
import { named, table } from "../ui/table";
import { leftOut } from "./missing";
import { axisMoney } from "./trend";

const TITLE = "Today so far";
const TOP = 15;

/** The day that is not over, from messages, beside the whole of the same weekday; null where no day is open. */
export function today(view: View): HTMLElement | null {
  const { sales, choice } = view;
  if (!sales.today) return null;
  const [newest, ...earlier] = openDays(view, sales.today);
  if (!newest) return null;
  if (choice.category !== null)
    return section("today", TITLE, word("The open day is known by store, not by category."));
  return section(
    "today",
    TITLE,
    ...asOf(view, newest),
    ...(newest.stores.some((_, place) => isOpen(view, newest, place)) ? ofStores(view, newest) : []),
    ...earlierDays(view, earlier),
  );
}

/** Says that the open day is not in the page; null where it is, or where no day is open. */
export const withoutToday = (view: View): HTMLElement | null =>
  view.sales.left_out.parts.includes("today") ? section("today", TITLE, leftOut(view, "today")) : null;

function asOf(view: View, day: OpenDay): HTMLElement[] {
  if (day.message === null)
    return [word(`No message of ${dayAt(day.day, view.sales)} is from the chosen stores.`)];
  return [
    paragraph(
      nowrap(dayAt(day.day, view.sales)),
      ", not over, as of its last message: ",
      nowrap(`${day.message} UTC`),
      ". The period does not change it; the run of the day closes it, and its files have the last word.",
    ),
    element(
      "div",
      { class: "cards" },
      card("Revenue so far", money(day.sums.revenue), part(view, day, "revenue", money)),
      card("Gross profit so far", money(day.sums.gross_profit), part(view, day, "gross_profit", money)),
      card("Transactions so far", count(day.sums.transactions), part(view, day, "transactions", count)),
      card(
        "Return rate so far",
        percent(return_rate(day.sums)),
        day.before ? from(percent(return_rate(day.before)), view, day) : null,
      ),
    ),
  ];
}

/** How much of the compared day's figure has come by now. */
function part(
  view: View,
  day: OpenDay,
  measure: keyof Sums,
  format: (figure: Figure) => string,
): HTMLElement {
  if (!day.before) return word("No closed day of this weekday to compare with.");
  return from(`${ratio(day.sums, day.before, measure)} of ${format(day.before[measure])}`, view, day);
}

const from = (text: string, view: View, { compared }: OpenDay): HTMLElement =>
  element("span", { class: "change" }, `${text} on all of `, nowrap(weekdayAt(compared ?? 0, view)));

const ratio = (now: Sums, before: Sums | undefined, measure: keyof Sums): string =>
  percent(before && before[measure] > 0n ? divide(now[measure], before[measure]) : null);

function weekdayAt(day: number, { sales }: View): string {
  const date = dayAt(day, sales);
  const name = new Date(`${date}T00:00:00Z`).toLocaleDateString("en", { weekday: "long", timeZone: "UTC" });
  return `${name} ${date}`;
}

/** Whether a chosen store has sales on the open day or on the one that it is compared with. */
function isOpen({ stores }: View, day: OpenDay, place: number): boolean {
  const { now, before } = day.stores[place] ?? {};
  const sold = (sums: Sums | undefined): boolean =>
    sums !== undefined && Object.values(sums).some((sum) => sum !== 0n);
  return stores[place] === true && (sold(now) || sold(before));
}

function ofStores(view: View, day: OpenDay): HTMLElement[] {
  const names = view.sales.stores;
  const listed = day.stores
    .map((one, place) => ({ ...one, place }))
    .filter(({ place }) => isOpen(view, day, place))
    .sort((a, b) =>
      a.now.revenue < b.now.revenue ? 1 : a.now.revenue > b.now.revenue ? -1 : a.place - b.place,
    );
  const leading = listed.slice(0, TOP);
  const compared = day.compared === null ? [] : [dayAt(day.compared, view.sales)];
  const heads = ["Store", "Revenue#", ...compared.flatMap((date) => [`On ${date}#`, "Of that#"])];
  const rows = (some: typeof listed): Parameters<typeof table>[2] =>
    some.map(({ place, now, before, customers, message }) => [
      named(names.store_id[place] ?? "", names.store_name[place] ?? null),
      money(now.revenue),
      ...compared.flatMap(() => [money(before?.revenue ?? null), ratio(now, before, "revenue")]),
      money(now.gross_profit),
      count(now.transactions),
      grouped(String(customers)),
      message === null ? "none" : nowrap(message),
    ]);
  const figures = [...heads, "Gross profit#", "Transactions#", "Customers#", "Last message, UTC"];
  return [
    bars(
      "Revenue so far of the stores with the most, as in the table below",
      leading.map(({ place }) => names.store_name[place] ?? names.store_id[place] ?? ""),
      [
        { name: "Revenue so far", color: "revenue", values: leading.map(({ now }) => drawn(now.revenue)) },
        ...compared.map((date) => ({
          name: `All of ${date}`,
          color: "compared" as const,
          values: leading.map(({ before }) => drawn(before?.revenue ?? 0n)),
        })),
      ],
      axisMoney,
    ),
    table("Today by store", figures, rows(leading)),
    ...(listed.length > TOP
      ? [
          details(
            "all-stores-today",
            `The other ${String(listed.length - TOP)} stores`,
            table("Today by store, others", figures, rows(listed.slice(TOP))),
          ),
        ]
      : []),
  ];
}

function earlierDays(view: View, days: readonly OpenDay[]): HTMLElement[] {
  const known = days.filter(({ message }) => message !== null);
  if (known.length === 0) return [];
  return [
    heading("Earlier days that no run has closed"),
    table(
      "Earlier days that no run has closed",
      ["Day", "Revenue#", "Of the weekday before#", "Gross profit#", "Transactions#", "Last message, UTC"],
      known.map(({ day, sums, before, message }) => [
        dayAt(day, view.sales),
        money(sums.revenue),
        ratio(sums, before, "revenue"),
        money(sums.gross_profit),
        count(sums.transactions),
        nowrap(message ?? ""),
      ]),
    ),
  ];
}

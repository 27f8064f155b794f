import type { Facts, Sales } from "../data/document";
import { type Choice, type Span, comparedSpan, offset, spanOf } from "../filter/choice";
import { type Sums, sumOf, sumsBy } from "./sums";

/** The sales that a choice asks for. */
export interface View {
  readonly sales: Sales;
  readonly choice: Choice;
  readonly span: Span;
  /** undefined where nothing is compared. */
  readonly compared: Span | undefined;
  /** By the place of a store: whether it is chosen. */
  readonly stores: readonly boolean[];
  /** Place of the chosen region and category; -1 for all. */
  readonly region: number;
  readonly category: number;
  /** The rows that have the chosen sales; undefined where the page has none for the choice. */
  readonly facts: Facts | undefined;
}

export function viewOf(choice: Choice, sales: Sales): View {
  const { stores, regions, category_days } = sales;
  const region = choice.region === null ? -1 : regions.indexOf(choice.region);
  const everyStore = choice.store === null && choice.region === null;
  const byArea =
    category_days.area === "store" ||
    everyStore ||
    (category_days.area === "region" && choice.store === null);
  return {
    sales,
    choice,
    span: spanOf(choice.period, sales) ?? [0, offset(sales.days[1], sales)],
    compared: comparedSpan(choice, sales),
    stores: stores.store_id.map(
      (id, n) =>
        (choice.store === null || id === choice.store) && (region < 0 || stores.region[n] === region),
    ),
    region,
    category:
      choice.category === null ? -1 : sales.categories.findIndex((name) => (name ?? "") === choice.category),
    facts: choice.category === null ? sales.store_days : byArea ? category_days : undefined,
  };
}

/** Whether a row of facts is of the chosen stores and category. */
export function chosen({ stores, region, category }: View, facts: Facts): (row: number) => boolean {
  return (row) =>
    (facts.store_id
      ? stores[facts.store_id[row] ?? -1] === true
      : region < 0 || facts.region?.[row] === region) &&
    (category < 0 || facts.category?.[row] === category);
}

/** The sums of a span; undefined where the page cannot know them. */
export function totals(view: View, span: Span | undefined): Sums | undefined {
  return span && view.facts && sumOf(view.facts, span, chosen(view, view.facts));
}

/** Whether the page knows in how many transactions the chosen sales are. */
export const hasTransactions = ({ facts }: View): boolean => facts?.transactions !== undefined;

/** The sums of a span by store. */
export function byStore(view: View, span: Span | undefined): readonly Sums[] | undefined {
  const stores = view.facts?.store_id;
  if (!span || !view.facts || !stores) return undefined;
  const counts = chosen(view, view.facts);
  return sumsBy(view.facts, span, view.stores.length, (row) => (counts(row) ? (stores[row] ?? -1) : -1));
}

/** The sums of a span by category, of the chosen region or store; also where one category is chosen. */
export function byCategory(view: View, span: Span | undefined): readonly Sums[] | undefined {
  const { facts } = viewOf({ ...view.choice, category: "" }, view.sales);
  if (!span || !facts) return undefined;
  const counts = chosen({ ...view, category: -1 }, facts);
  return sumsBy(facts, span, view.sales.categories.length, (row) =>
    counts(row) ? (facts.category?.[row] ?? -1) : -1,
  );
}

/** Steps of a chart over time. */
export interface Steps {
  readonly unit: "day" | "week";
  readonly length: number;
  readonly days: number;
}

/** More days than this are not told apart. */
const MOST_DAYS = 130;

/** Days, else weeks that begin on the span's first day, so that they lie above those of the compared span. */
export function stepsOf({ span }: View): Steps {
  const days = span[1] - span[0] + 1;
  return days <= MOST_DAYS
    ? { unit: "day", length: days, days: 1 }
    : { unit: "week", length: Math.ceil(days / 7), days: 7 };
}

/** The sums of a span by step. */
export function bySteps(view: View, steps: Steps, span: Span | undefined): readonly Sums[] | undefined {
  const { facts } = view;
  if (!span || !facts) return undefined;
  const counts = chosen(view, facts);
  return sumsBy(facts, span, steps.length, (row) => {
    const step = Math.floor(((facts.day[row] ?? 0) - span[0]) / steps.days);
    return counts(row) && step < steps.length ? step : -1;
  });
}

import type { Sales } from "../data/document";
import { dayNumber, isDay, written } from "./days";

/** What the reader has chosen; the address holds it, so that it can be sent. */
export interface Choice {
  /** Name of a period, or first and last day as `2026-03-01..2026-03-14`. */
  readonly period: string;
  readonly compare: Compare;
  /** Each is null for all. */
  readonly region: string | null;
  /** A store_id. */
  readonly store: string | null;
  /** "" is that of products without a reference row. */
  readonly category: string | null;
}

export type Compare = "before" | "year" | "none";

/** First and last day, counted from the first shown day. */
export type Span = readonly [number, number];

/** Four weeks, where the days hold the four before them too; else every day. */
export function usual(sales: Sales): Choice {
  const four = sales.periods.find(({ name, before }) => name === "last-28" && before !== null);
  return { period: four ? "last-28" : "all", compare: "before", region: null, store: null, category: null };
}

/** The choice of an address; what it does not have, or the document does not know, is as usual. */
export function fromHash(hash: string, sales: Sales): Choice {
  const asked = new URLSearchParams(hash.replace(/^#/, ""));
  const fallback = usual(sales);
  const period = asked.get("period") ?? "";
  const compare = asked.get("compare");
  const known = (name: string, values: readonly (string | null)[]): string | null => {
    const value = asked.get(name);
    return value !== null && values.includes(value) ? value : null;
  };
  const region = known("region", sales.regions);
  const store = known("store", storesOf(sales, region));
  return {
    period: spanOf(period, sales) ? period : fallback.period,
    compare: compare === "year" || compare === "none" || compare === "before" ? compare : fallback.compare,
    region,
    store,
    category: known(
      "category",
      sales.categories.map((category) => category ?? ""),
    ),
  };
}

export function toHash(choice: Choice): string {
  const written = new URLSearchParams();
  for (const [name, value] of Object.entries(choice)) if (value !== null) written.set(name, value as string);
  return `#${written.toString()}`;
}

/** The ids of a region's stores, or of all. */
export const storesOf = ({ stores, regions }: Sales, region: string | null): readonly string[] =>
  region === null
    ? stores.store_id
    : stores.store_id.filter((_, n) => regions[stores.region[n] ?? -1] === region);

/** The days of a period; undefined where its name is not one, or the page does not have those days. */
export function spanOf(period: string, sales: Sales): Span | undefined {
  const named = sales.periods.find(({ name }) => name === period);
  const days = named?.days ?? period.split("..");
  const [from = "", to = ""] = days;
  if (!isDay(from) || !isDay(to)) return undefined;
  const span = [from, to].map((day) => offset(day, sales)) as unknown as Span;
  return span[0] >= 0 && span[1] <= offset(sales.days[1], sales) && span[0] <= span[1] ? span : undefined;
}

/** The days that a period is compared with; undefined where the page does not have them all. */
export function comparedSpan({ period, compare }: Choice, sales: Sales): Span | undefined {
  if (compare === "none") return undefined;
  const named = sales.periods.find(({ name }) => name === period);
  if (named) return named[compare]?.map((day) => offset(day, sales)) as Span | undefined;
  const span = spanOf(period, sales);
  if (!span) return undefined;
  // A year before is 52 weeks: the same weekdays.
  const back = compare === "year" ? 364 : span[1] - span[0] + 1;
  return span[0] - back >= 0 ? [span[0] - back, span[1] - back] : undefined;
}

export const offset = (day: string, sales: Sales): number => dayNumber(day) - dayNumber(sales.days[0]);
export const dayAt = (number: number, sales: Sales): string => written(dayNumber(sales.days[0]) + number);
export const spanText = (span: Span, sales: Sales): string =>
  span[0] === span[1] ? dayAt(span[0], sales) : `${dayAt(span[0], sales)} to ${dayAt(span[1], sales)}`;

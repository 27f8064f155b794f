import type { Part } from "../data/document";
import type { View } from "../figures/view";
import { word } from "../ui/dom";

/** Says which figures the page has, where it has none for the choice. */
export function missing({ sales }: View): HTMLElement {
  return word(
    sales.category_days.area === "region"
      ? "This page has figures by category for whole regions only: choose all stores or all categories."
      : "This page has figures by category over all stores only: choose all regions and stores, or all categories.",
  );
}

const WORDS: Readonly<Record<Part, string>> = {
  categories: "The transactions of a category are",
  customers: "The customers of this period are",
  today: "The open day is",
  segments: "The segments of the customers are",
  cohorts: "Cohorts are",
};

/** Says that a part would have read too many sales lines. */
export function leftOut({ sales: { left_out } }: View, part: Part): HTMLElement {
  const gib = (left_out.bytes ?? 0) / 1024 ** 3;
  return word(
    `${WORDS[part]} left out: the queries of this page may read ${gib.toFixed(1)} GiB of sales lines, and these would be more.`,
  );
}

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

import type { Area } from "../data/document";
import type { Span } from "../filter/choice";
import { type Figure, ONE } from "../ui/format";
import type { View } from "./view";

/**
 * Distinct customers of a span and the chosen stores; undefined where nobody counted them: a count cannot be made from
 * counts of other days or stores.
 */
export function customersOf(view: View, span: Span | undefined): Figure | undefined {
  const { sales, choice } = view;
  if (choice.store !== null) return find(view, span, "store", sales.stores.store_id.indexOf(choice.store));
  return choice.region === null ? find(view, span, "all", 0) : find(view, span, "region", view.region);
}

/** Those of one store. */
export const customersOfStore = (view: View, span: Span, store: number): Figure | undefined =>
  find(view, span, "store", store);

function find(
  { sales, choice }: View,
  span: Span | undefined,
  area: Area,
  place: number,
): Figure | undefined {
  if (!span || choice.category !== null) return undefined;
  const counts = sales.customers[area];
  const row = counts.day.findIndex(
    (day, n) => day === span[0] && counts.last[n] === span[1] && counts.place[n] === place,
  );
  if (row >= 0) return BigInt(counts.customers[row] ?? 0) * ONE;
  // A span that was counted, without a known customer in this area.
  const { start, end } = sales.counted;
  const counted = start.some((day, n) => day === span[0] && end[n] === span[1]);
  return counted ? 0n : undefined;
}

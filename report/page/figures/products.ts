import type { Span } from "../filter/choice";
import { type Sums, sumsBy } from "./sums";
import type { View } from "./view";

/** The sums of a span by product, or, in words, why the page has none. */
export function byProduct(view: View, span: Span): readonly Sums[] | string {
  const { sales, choice } = view;
  const facts = sales.product_sales;
  const bySpan = facts.by === "span";
  if (bySpan && (choice.region !== null || choice.store !== null))
    return "This page has figures by product over all stores only: choose all regions and all stores.";
  if (bySpan && !hasRows(view, span))
    return "This page has figures by product for the named periods only: choose one.";
  // Rows of a span have its first day.
  return sumsBy(facts, bySpan ? [span[0], span[0]] : span, sales.products.product_id.length, (row) => {
    const product = facts.product_id?.[row] ?? -1;
    const inSpan = !bySpan || facts.last?.[row] === span[1];
    const inStores = !facts.store_id || view.stores[facts.store_id[row] ?? -1] === true;
    const inCategory = view.category < 0 || sales.products.category[product] === view.category;
    return inSpan && inStores && inCategory ? product : -1;
  });
}

const hasRows = ({ sales: { product_sales } }: View, span: Span): boolean =>
  product_sales.day.some((day, row) => day === span[0] && product_sales.last?.[row] === span[1]);

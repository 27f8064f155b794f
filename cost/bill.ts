import { PRICES, PriceName } from "./price-list";

/** One line of a bill: a quantity at a price of cost/prices.json. */
export interface Line {
  readonly item: string;
  /** Units of the price in a month. */
  readonly quantity: number;
  readonly price: PriceName;
  /** US dollars a month. */
  readonly usd: number;
}

export const MEASURES = ["spot workers", "office hours", "cluster between runs", "lifecycle rules"] as const;

/** Amount that a measure saves in a month. */
export interface Saving {
  readonly measure: (typeof MEASURES)[number];
  /** US dollars a month. */
  readonly usd: number;
}

/** Monthly cost of one resource. */
export interface Bill {
  readonly lines: readonly Line[];
  readonly savings?: readonly Saving[];
}

export const line = (item: string, quantity: number, price: PriceName): Line => ({
  item,
  quantity,
  price,
  usd: quantity * PRICES[price].usd,
});

export const sum = (items: readonly { readonly usd: number }[]): number =>
  items.reduce((total, { usd }) => total + usd, 0);

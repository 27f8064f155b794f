import { PRICES, PriceName } from "./price-list";

/** One thing that is paid for: a quantity at a price of cost/prices.json. */
export interface Line {
  readonly item: string;
  /** Units of the price in a month. */
  readonly quantity: number;
  readonly price: PriceName;
  /** US dollars a month. */
  readonly usd: number;
}

export const MEASURES = ["spot workers", "off-hours", "lifecycle rules"] as const;

/** What a measure takes off the month, in US dollars. */
export interface Saving {
  readonly measure: (typeof MEASURES)[number];
  readonly usd: number;
}

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

import { currency, prices, region } from "./prices.json";

/** A price that cost/prices.json names. */
export type PriceName = keyof typeof prices;

export interface Price {
  /** US dollars for one `unit`. */
  readonly usd: number;
  readonly unit: string;
  /** Where it was read. */
  readonly source: string;
  /** The day on which it was written down, yyyy-MM-dd. */
  readonly asOf: string;
  /** Whether that was Google's own page or billing catalogue; other prices are to be checked. */
  readonly confirmed: boolean;
  /** No offer: nothing here is bought by it. */
  readonly estimate: boolean;
}

export const PRICES: Readonly<Record<PriceName, Price>> = prices;
export const CURRENCY = currency;
export const REGION = region;

/** The oldest day on which a price was written down. */
export const AS_OF = Object.values(PRICES)
  .map(({ asOf }) => asOf)
  .reduce((oldest, asOf) => (asOf < oldest ? asOf : oldest));

/** Whether a name that was put together from a plan is one of the list. */
export const isPriced = (name: string): name is PriceName => Object.hasOwn(PRICES, name);

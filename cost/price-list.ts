import { currency, prices, region } from "./prices.json";

/** Name of a price in cost/prices.json. */
export type PriceName = keyof typeof prices;

export interface Price {
  /** US dollars for one `unit`. */
  readonly usd: number;
  readonly unit: string;
  /** Where the price was read. */
  readonly source: string;
  /** Day on which the price was read, yyyy-MM-dd. */
  readonly asOf: string;
  /** Whether the source is a page or the billing catalogue of Google; other prices have to be checked. */
  readonly confirmed: boolean;
}

export const PRICES: Readonly<Record<PriceName, Price>> = prices;
export const CURRENCY = currency;
/** Region whose prices cost/prices.json has. */
export const REGION = region;

/** Day on which the oldest price was read. */
export const AS_OF = Object.values(PRICES)
  .map(({ asOf }) => asOf)
  .reduce((oldest, asOf) => (asOf < oldest ? asOf : oldest));

/** Whether a name composed from a plan is in the price list. */
export const isPriced = (name: string): name is PriceName => Object.hasOwn(PRICES, name);

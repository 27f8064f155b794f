/** The document that `sales_job/report/document.py` makes, unpacked. */
export interface Document {
  readonly quality: Quality;
  /** null of a warehouse without a line. */
  readonly sales: Sales | null;
  /** What the platform costs; left out where nobody computed it. */
  readonly cost?: Cost;
  /** Seconds after which the page loads itself again; left out where nobody writes it again. */
  readonly reload_seconds?: number;
}

export interface Sales {
  /** First and last day that the page shows. */
  readonly days: Days;
  /** First day of the warehouse. */
  readonly first_day: string;
  /** Last day of the warehouse; later than the last shown one where a file has days of the future. */
  readonly newest_day: string;
  readonly periods: readonly NamedPeriod[];
  readonly stores: {
    readonly store_id: readonly string[];
    readonly store_name: readonly (string | null)[];
    readonly store_location: readonly (string | null)[];
    readonly store_type: readonly (string | null)[];
    /** Places in `regions`. */
    readonly region: readonly number[];
    readonly store_size_sqft: readonly (number | null)[];
  };
  /** null is the region of stores without one. */
  readonly regions: readonly (string | null)[];
  readonly products: {
    readonly product_id: readonly string[];
    readonly product_name: readonly (string | null)[];
    /** Places in `categories`. */
    readonly category: readonly number[];
    readonly brand: readonly (string | null)[];
  };
  /** null is the category of products without a reference row. */
  readonly categories: readonly (string | null)[];
  readonly store_days: Facts;
  /** Summed over the stores of an area, where those of each store have no room. */
  readonly category_days: Facts & { readonly area: Area };
  /** Of every day and store, or of the named periods and what they are compared with, over all stores. */
  readonly product_sales: Facts & { readonly by: "day" | "span"; readonly all_products: boolean };
  /** null where no day is open. */
  readonly today: Today | null;
  readonly customers: Readonly<Record<Area, CustomerCounts>>;
  /** First and last day of each span whose customers were counted. */
  readonly counted: { readonly start: readonly number[]; readonly end: readonly number[] };
  readonly loyalty: Loyalty;
  readonly forecast: Forecast;
  readonly inventory: Inventory;
  /** What would have read more sales lines than the queries of the page may; `bytes` is null without a limit. */
  readonly left_out: { readonly bytes: number | null; readonly parts: readonly Part[] };
}

/** A part of the page that is made of sales lines; of `categories` the split by store and the transactions. */
export type Part = "categories" | "customers" | "today" | "segments" | "cohorts";

export type Area = "all" | "region" | "store";

/** First and last day, as yyyy-MM-dd. */
export type Days = readonly [string, string];

export interface NamedPeriod {
  readonly name: string;
  readonly days: Days;
  readonly before: Days | null;
  readonly year: Days | null;
}

/** Rows as columns, in the order of their days. */
export interface Facts {
  /** The row's day, or the first of its days, counted from the first shown day. */
  readonly day: readonly number[];
  /** The last of its days. */
  readonly last?: readonly number[];
  /** Places in the lists of stores, regions, categories and products. */
  readonly store_id?: readonly number[];
  readonly region?: readonly number[];
  readonly category?: readonly number[];
  readonly product_id?: readonly number[];
  readonly revenue: Measured;
  readonly gross_profit: Measured;
  readonly returned_revenue: Measured;
  readonly quantity?: Measured;
  readonly transactions?: Measured;
}

/** Rows of open days and stores: those of the messages, and what the tables alone know of the other stores. */
export interface Today extends Facts {
  readonly store_id: readonly number[];
  /** Distinct customers of the row. */
  readonly customers: readonly number[];
  /** When the newest message of the row was published, in UTC; null without one. */
  readonly last_message: readonly (string | null)[];
  /** Of each day the closed one that it is compared with: the same weekday; null where there is none. */
  readonly compared: readonly (number | null)[];
}

/** A value is the sum of limbs[n][row] x 10^(10 n), divided by 10^decimals. */
export interface Measured {
  readonly decimals: number;
  readonly limbs: readonly (readonly number[])[];
}

/** Distinct customers of spans of days; `place` is that of the region or store. */
export interface CustomerCounts {
  readonly day: readonly number[];
  readonly last: readonly number[];
  readonly place: readonly number[];
  readonly customers: readonly number[];
}

/** Segments and cohorts of the customers, over all time and all stores. */
export interface Loyalty {
  /** null without a known customer. */
  readonly as_of: string | null;
  readonly segments: Readonly<Record<"customers" | "transactions" | "revenue" | "gross_profit", Measured>> & {
    readonly segment: readonly string[];
  };
  /** One row a month of first purchase and a month since; the newest month of first purchase first. */
  readonly cohorts: {
    readonly month: readonly string[];
    readonly months_since: readonly number[];
    readonly cohort_customers: readonly number[];
    readonly customers: readonly number[];
    readonly revenue: Measured;
  };
}

/** The revenue that each store may expect; without rows where it was not made for the last day. */
export interface Forecast {
  /** 1 is the day after the last one. */
  readonly day: readonly number[];
  readonly store_id: readonly number[];
  readonly revenue: Measured;
  /** Bounds that hold the revenue with a probability of 80 %. */
  readonly lower: Measured;
  readonly upper: Measured;
  readonly accuracy: readonly Accuracy[];
}

/** The pace of the products over the last 28 days beside the 28 before, over all stores. */
export interface Inventory {
  readonly signals: readonly {
    readonly signal: string;
    readonly products: number;
    /** Those with a stock figure. */
    readonly with_stock: number;
  }[];
  /** The first ten of each list; numbers are plain decimals. */
  readonly products: readonly Stocked[];
}

export interface Stocked {
  readonly list: "short" | "dead stock" | "rising" | "slowing";
  readonly product_id: string;
  readonly product_name: string | null;
  /** null of a product that was never sold. */
  readonly pieces_per_day: string | null;
  readonly previous_pieces_per_day: string | null;
  readonly days_since_last_sale: number | null;
  readonly stock_quantity: string | null;
  readonly days_of_cover: string | null;
}

/** How well the model would have forecast the last days; shares are plain decimals. */
export interface Accuracy {
  /** null for all stores together. */
  readonly store_id: number | null;
  readonly days: number;
  readonly model: string;
  /** Sum of the absolute errors as a share of the revenue; null without a forecast. */
  readonly model_error: string | null;
  /** The same of the revenue seven days before. */
  readonly naive_error: string | null;
  /** Share of the days inside the bounds. */
  readonly coverage: string | null;
  /** Why the store has no forecast. */
  readonly reason: string | null;
}

export interface Quality {
  /** Newest first. */
  readonly runs: readonly Run[];
  /** The checks of the newest run that has any, then those of earlier runs that did not pass. */
  readonly checks: readonly Check[];
  /** Days that are unlike the same weekdays before them, the newest first; left out of a warehouse without a line. */
  readonly unusual?: {
    readonly since: string;
    readonly days: readonly { readonly day: string; readonly found: string; readonly usual: string }[];
  };
  /** First day whose quarantined lines are in `reasons` and `quarantined`. */
  readonly quarantined_since: string;
  readonly reasons: readonly { readonly reason: string; readonly lines: number }[];
  /** A few lines of each reason. */
  readonly quarantined: readonly {
    readonly reason: string;
    readonly source: string;
    readonly line: string;
  }[];
}

export interface Run {
  readonly run_id: string;
  readonly status: string;
  /** In UTC. */
  readonly started_at: string;
  readonly finished_at: string;
  readonly rows_read: number;
  readonly rows_loaded: number;
  readonly rows_duplicate: number;
  readonly rows_quarantined: number;
  readonly unmatched_products: number;
  readonly unmatched_stores: number;
  readonly files_passed_over: number;
  readonly seconds: number;
  /** What the run's job cost, of BigQuery, of Dataproc, and by list prices; null where nobody bills it. */
  readonly bytes_billed: number | null;
  readonly slot_seconds: number | null;
  readonly worker_seconds: number | null;
  readonly cost_usd: number | null;
}

export interface Check {
  readonly run_id: string;
  readonly checked_at: string;
  readonly check_name: string;
  readonly rule: string;
  /** error or warning */
  readonly severity: string;
  readonly passed: boolean;
  /** `value relation expected` is what must hold; plain decimals. */
  readonly value: string;
  readonly relation: string;
  readonly expected: string;
  /** Whether it belongs to the newest run that has checks. */
  readonly latest: boolean;
}

/** What the platform costs in a month: `report/cost.ts` makes it. */
export type Cost =
  | { readonly missing: string }
  | {
      readonly basis: readonly string[];
      readonly stacks: readonly string[];
      readonly usd: readonly string[];
      /** A head, a row a component, and their sum. */
      readonly components: readonly (readonly string[])[];
      readonly savings: readonly (readonly string[])[];
      readonly unknown: readonly string[];
    };

import type { Today } from "../data/document";
import { type Sums, sumOf, sumsBy } from "./sums";
import type { View } from "./view";

/** A day that is not over, with its figures so far of the chosen stores. */
export interface OpenDay {
  /** Counted from the first shown day. */
  readonly day: number;
  /** The closed day that it is compared with; null where there is none. */
  readonly compared: number | null;
  /** By the place of a store. */
  readonly stores: readonly OpenStore[];
  readonly sums: Sums;
  /** The same of the whole compared day. */
  readonly before: Sums | undefined;
  /** When the newest message was published, in UTC; null where no chosen store has one. */
  readonly message: string | null;
}

export interface OpenStore {
  readonly now: Sums;
  readonly before: Sums | undefined;
  readonly customers: number;
  readonly message: string | null;
}

/** The open days, the newest first. */
export function openDays(view: View, today: Today): readonly OpenDay[] {
  const { sales, stores } = view;
  return [...new Set(today.day)]
    .map((day, n): OpenDay => {
      const compared = today.compared[n] ?? null;
      const counts = (store: number | undefined): boolean => stores[store ?? -1] === true;
      const by = (facts: typeof sales.store_days, of: number): readonly Sums[] =>
        sumsBy(facts, [of, of], stores.length, (row) => facts.store_id?.[row] ?? -1);
      const sum = (facts: typeof sales.store_days, of: number): Sums | undefined =>
        sumOf(facts, [of, of], (row) => counts(facts.store_id?.[row]));
      const [now, before] = [by(today, day), compared === null ? undefined : by(sales.store_days, compared)];
      const rowOf = (store: number): number =>
        today.day.findIndex((one, row) => one === day && today.store_id[row] === store);
      const messages = today.last_message.filter(
        (_, row) => today.day[row] === day && counts(today.store_id[row]),
      );
      return {
        day,
        compared,
        stores: now.map((sums, store) => ({
          now: sums,
          before: before?.[store],
          customers: today.customers[rowOf(store)] ?? 0,
          message: today.last_message[rowOf(store)] ?? null,
        })),
        sums: sum(today, day) ?? ({} as Sums),
        before: compared === null ? undefined : sum(sales.store_days, compared),
        message: newest(messages),
      };
    })
    .reverse();
}

const newest = (times: readonly (string | null)[]): string | null =>
  times.reduce((last, time) => ((time ?? "") > (last ?? "") ? time : last), null);

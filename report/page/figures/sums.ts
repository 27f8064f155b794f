import type { Facts, Measured } from "../data/document";
import type { Span } from "../filter/choice";
import type { Figure } from "../ui/format";

export const MEASURES = ["revenue", "gross_profit", "quantity", "returned_revenue", "transactions"] as const;
export type MeasureName = (typeof MEASURES)[number];

/** Sums of the measures; 0 where the rows do not have a measure. */
export type Sums = Readonly<Record<MeasureName, Figure>>;

const LIMB = 10n ** 10n;

/**
 * Sums of rows in groups.
 *
 * @param span the days whose rows count
 * @param groups how many groups there are
 * @param group the group of a row; negative where it does not count
 */
export function sumsBy(
  facts: Facts,
  span: Span,
  groups: number,
  group: (row: number) => number,
): readonly Sums[] {
  const [start, end] = [firstRow(facts.day, span[0]), firstRow(facts.day, span[1] + 1)];
  const places = new Int32Array(Math.max(end - start, 0));
  for (let row = start; row < end; row += 1) places[row - start] = group(row);
  const found = Array.from({ length: groups }, () => ({}) as Record<MeasureName, Figure>);
  for (const name of MEASURES) {
    const sums = exactSums(facts[name], start, places, groups);
    found.forEach((one, n) => (one[name] = sums[n] ?? 0n));
  }
  return found;
}

/** The sum of the rows that count. */
export function sumOf(facts: Facts, span: Span, counts: (row: number) => boolean): Sums | undefined {
  return sumsBy(facts, span, 1, (row) => (counts(row) ? 0 : -1))[0];
}

/** Binary numbers add up a column exactly: the document keeps its columns small enough. */
function exactSums(
  measured: Measured | undefined,
  start: number,
  places: Int32Array,
  groups: number,
): Figure[] {
  const found = new Array<Figure>(groups).fill(0n);
  measured?.limbs.forEach((limb, n) => {
    const sums = new Float64Array(groups);
    places.forEach((place, row) => {
      if (place >= 0) sums[place] = (sums[place] ?? 0) + (limb[start + row] ?? 0);
    });
    const unit = LIMB ** BigInt(n) * 10n ** BigInt(9 - measured.decimals);
    sums.forEach((sum, place) => (found[place] = (found[place] ?? 0n) + BigInt(sum) * unit));
  });
  return found;
}

/** The value of one row. */
export const valueAt = ({ limbs, decimals }: Measured, row: number): Figure =>
  limbs.reduce((sum, limb, n) => sum + BigInt(limb[row] ?? 0) * LIMB ** BigInt(n), 0n) *
  10n ** BigInt(9 - decimals);

/** The first row of a day or later. */
function firstRow(days: readonly number[], day: number): number {
  let [low, high] = [0, days.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((days[middle] ?? 0) < day) low = middle + 1;
    else high = middle;
  }
  return low;
}

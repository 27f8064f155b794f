import { type Figure, ONE } from "../ui/format";

/** SQL's SAFE_DIVIDE on NUMERIC: nine decimals, halves away from zero; null for a divisor of zero. */
export function divide(dividend: Figure, divisor: Figure): Figure | null {
  if (divisor === 0n) return null;
  const [above, below] = [dividend * ONE, divisor < 0n ? -divisor : divisor];
  const size = ((above < 0n ? -above : above) + below / 2n) / below;
  return above < 0n === divisor < 0n ? size : -size;
}

/** SQL's IF. */
export const when = <T>(condition: boolean, then: T, otherwise: T): T => (condition ? then : otherwise);

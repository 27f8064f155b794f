/** A figure in billionths, as NUMERIC has them: sums and quotients are exact. */
export type Figure = bigint;

export const ONE = 1_000_000_000n;

/** Rounds half away from zero, as SQL does. */
export function fixed(figure: Figure, digits: number): string {
  const unit = 10n ** BigInt(9 - digits);
  const size = figure < 0n ? -figure : figure;
  const rounded = String((size + unit / 2n) / unit).padStart(digits + 1, "0");
  const text = digits === 0 ? rounded : `${rounded.slice(0, -digits)}.${rounded.slice(-digits)}`;
  return grouped(figure < 0n && /[1-9]/.test(text) ? `-${text}` : text);
}

/** With the decimals that it has. */
export function plain(figure: Figure): string {
  return fixed(figure, 9).replace(/\.?0+$/, "");
}

/** Groups thousands by commas and uses the typographic minus sign. `digits` is a plain, exact decimal. */
export function grouped(digits: string): string {
  const [whole = "", fraction] = digits.replace("-", "").split(".");
  const sign = digits.startsWith("-") ? "\u2212" : "";
  const thousands = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return sign + thousands + (fraction === undefined ? "" : `.${fraction}`);
}

/** A share that came as a plain decimal of at most nine decimals. */
export function share(text: string | null): Figure | null {
  if (text === null) return null;
  const [whole = "0", fraction = ""] = text.replace("-", "").split(".");
  const size = BigInt(whole) * ONE + BigInt(fraction.padEnd(9, "0").slice(0, 9));
  return text.startsWith("-") ? -size : size;
}

export const money = (figure: Figure | null): string => (figure === null ? "–" : fixed(figure, 2));
export const count = (figure: Figure | null): string => (figure === null ? "–" : fixed(figure, 0));

/** A ratio such as 0.4213 as `42.1 %`; null as a dash. */
export function percent(ratio: Figure | null): string {
  return ratio === null ? "–" : `${fixed(ratio * 100n, 1)} %`;
}

/** With a sign in front of what is above zero too. */
export function signed(text: string): string {
  return /^\u2212|^–|^[0., %]+$/.test(text) ? text : `+${text}`;
}

/** For a chart, which needs no exact values: only there is a figure a binary number. */
export const drawn = (figure: Figure): number => Number(figure) / 1e9;

/** Short, for an axis: 1,500,000 as 1.5M. */
export function short(value: number): string {
  const size = Math.abs(value);
  const [unit, letter] =
    size >= 1e9 ? [1e9, "B"] : size >= 1e6 ? [1e6, "M"] : size >= 1e4 ? [1e3, "k"] : [1, ""];
  return grouped(String(Number((value / unit).toFixed(2)))) + letter;
}

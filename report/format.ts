/** Groups thousands by commas and uses the typographic minus sign. `digits` is a plain, exact decimal. */
export function grouped(digits: string): string {
  const [whole = "", fraction] = digits.replace("-", "").split(".");
  const sign = digits.startsWith("-") ? "\u2212" : "";
  const thousands = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return sign + thousands + (fraction === undefined ? "" : `.${fraction}`);
}

/** A ratio such as 0.4213 as `42.1 %`; null as a dash. */
export function percent(ratio: number | null): string {
  return ratio === null ? "–" : `${grouped((ratio * 100).toFixed(1))} %`;
}

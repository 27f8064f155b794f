import { AGE_DAYS, HOURS_PER_MONTH } from "./assumptions";
import { Estimate } from "./estimate";
import { MEASURES, sum } from "./bill";
import { AS_OF, CURRENCY, PRICES, REGION } from "./price-list";

/** An amount for people, US dollars and cents. */
export const dollars = (usd: number): string => usd.toFixed(2).replace(/\B(?=(\d{3})+(?!\d))/g, ",");

/** What the estimates are of, and what is in them. */
export const BASIS = [
  `Estimate for a month in ${CURRENCY}, ${REGION}, list prices as of ${AS_OF}, without taxes and discounts.`,
  `${HOURS_PER_MONTH} hours, after ${Math.round(AGE_DAYS / 365)} years of data; what is assumed: docs/platform/cost.md.`,
] as const;

/** What one component of a stack costs; undefined where the stack has no such component. */
export function costOf({ lines }: Estimate, component: string): number | undefined {
  const found = lines.filter((item) => item.component === component);
  return found.length === 0 ? undefined : sum(found);
}

/** Components by what they cost most in any stack. */
export function componentsOf(estimates: readonly Estimate[]): string[] {
  const names = [...new Set(estimates.flatMap(({ lines }) => lines.map(({ component }) => component)))];
  const most = (name: string): number => Math.max(...estimates.map((item) => costOf(item, name) ?? 0));
  return names.sort((a, b) => most(b) - most(a));
}

/** A head, components with stacks side by side, and the sums; a dash where a stack has no such component. */
export function componentRows(estimates: readonly Estimate[]): string[][] {
  const cell = (usd: number | undefined): string => (usd === undefined ? "-" : dollars(usd));
  return [
    ["component", ...estimates.map(({ stack }) => stack)],
    ...componentsOf(estimates).map((name) => [name, ...estimates.map((item) => cell(costOf(item, name)))]),
    ["total", ...estimates.map(({ usd }) => dollars(usd))],
  ];
}

/** A head, what each measure takes off a month, and the sums. */
export function savingRows(estimates: readonly Estimate[]): string[][] {
  const by = (measure: string): number[] =>
    estimates.map((item) => sum(item.savings.filter((saving) => saving.measure === measure)));
  return [
    ["saved by", ...estimates.map(({ stack }) => stack)],
    ...MEASURES.map((measure) => [measure, ...by(measure).map(dollars)]),
    ["total", ...estimates.map((item) => dollars(sum(item.savings)))],
  ];
}

/** What part of the sums rests on prices that nobody has confirmed, and which; undefined where none does. */
export function unconfirmed(estimates: readonly Estimate[]): string | undefined {
  const lines = estimates.flatMap((item) => item.lines);
  const doubtful = lines.filter(({ price, usd }) => !PRICES[price].confirmed && usd > 0);
  if (doubtful.length === 0) return undefined;
  const share = Math.ceil((100 * sum(doubtful)) / sum(lines));
  const names = [...new Set(doubtful.map(({ price }) => price))].sort().join(", ");
  return `${share} % of the sums rest on prices that are not confirmed, to be checked: ${names}.`;
}

/** What is in no sum, one line each: stack, address and reason. */
export const notEstimated = (estimates: readonly Estimate[]): string[] =>
  estimates.flatMap((item) =>
    item.notEstimated.map(({ address, reason }) => `${item.stack}: ${address}: ${reason}`),
  );

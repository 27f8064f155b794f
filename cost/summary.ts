import { AGE_DAYS, HOURS_PER_MONTH } from "./assumptions";
import { Estimate } from "./estimate";
import { MEASURES, sum } from "./bill";
import { AS_OF, CURRENCY, PRICES, REGION } from "./price-list";

/** An amount in US dollars with cents and thousands separators. */
export const dollars = (usd: number): string => usd.toFixed(2).replace(/\B(?=(\d{3})+(?!\d))/g, ",");

/** What the estimates contain. */
export const BASIS = [
  `Estimate for a month in ${CURRENCY}, ${REGION}, list prices as of ${AS_OF}, without taxes and discounts.`,
  `${HOURS_PER_MONTH} hours, after ${Math.round(AGE_DAYS / 365)} years of data; assumptions: docs/platform/cost.md.`,
] as const;

/** Cost of one component of a stack; undefined if the stack has no such component. */
export function costOf({ lines }: Estimate, component: string): number | undefined {
  const found = lines.filter((item) => item.component === component);
  return found.length === 0 ? undefined : sum(found);
}

/** Components, sorted by their highest cost in any stack. */
export function componentsOf(estimates: readonly Estimate[]): string[] {
  const names = [...new Set(estimates.flatMap(({ lines }) => lines.map(({ component }) => component)))];
  const most = (name: string): number => Math.max(...estimates.map((item) => costOf(item, name) ?? 0));
  return names.sort((a, b) => most(b) - most(a));
}

/** Header, one row a component with one column a stack, and totals; a dash where a stack has no such component. */
export function componentRows(estimates: readonly Estimate[]): string[][] {
  const cell = (usd: number | undefined): string => (usd === undefined ? "-" : dollars(usd));
  return [
    ["component", ...estimates.map(({ stack }) => stack)],
    ...componentsOf(estimates).map((name) => [name, ...estimates.map((item) => cell(costOf(item, name)))]),
    ["total", ...estimates.map(({ usd }) => dollars(usd))],
  ];
}

/** Header, one row a measure with its monthly saving by stack, and totals. */
export function savingRows(estimates: readonly Estimate[]): string[][] {
  const by = (measure: string): number[] =>
    estimates.map((item) => sum(item.savings.filter((saving) => saving.measure === measure)));
  return [
    ["saved by", ...estimates.map(({ stack }) => stack)],
    ...MEASURES.map((measure) => [measure, ...by(measure).map(dollars)]),
    ["total", ...estimates.map((item) => dollars(sum(item.savings)))],
  ];
}

/** Share of the totals that uses unconfirmed prices, with their names; undefined if all prices are confirmed. */
export function unconfirmed(estimates: readonly Estimate[]): string | undefined {
  const lines = estimates.flatMap((item) => item.lines);
  const unsure = lines.filter(({ price, usd }) => !PRICES[price].confirmed && usd > 0);
  if (unsure.length === 0) return undefined;
  const share = Math.ceil((100 * sum(unsure)) / sum(lines));
  const names = [...new Set(unsure.map(({ price }) => price))].sort().join(", ");
  return `${share} % of the totals use prices that are not confirmed, check them: ${names}.`;
}

/** Resources without a price, one line each: stack, address and reason. They are in no total. */
export const notEstimated = (estimates: readonly Estimate[]): string[] =>
  estimates.flatMap((item) =>
    item.notEstimated.map(({ address, reason }) => `${item.stack}: ${address}: ${reason}`),
  );

/** Names the stacks with resources in other regions than the price list's; undefined if there are none. */
export function otherRegions(estimates: readonly Estimate[]): string | undefined {
  const found = estimates
    .map(({ stack, regions }) => ({ stack, regions: regions.filter((region) => region !== REGION) }))
    .filter(({ regions }) => regions.length > 0)
    .map(({ stack, regions }) => `${stack} (${regions.join(", ")})`);
  if (found.length === 0) return undefined;
  return `cost/prices.json has prices of ${REGION} only; they also stand for other regions in: ${found.join(", ")}.`;
}

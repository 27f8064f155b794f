import { parseRange, Range } from "../ip-ranges";
import { Environment } from "../environment";
import { Report } from "./report";

export function network(environment: Environment, report: Report): void {
  const ranges: [string, Range][] = [];
  for (const [field, text] of Object.entries(environment.network) as [string, string][]) {
    const range = parseRange(text);
    if (typeof range === "string") report(`network.${field}`, range);
    else ranges.push([field, range]);
  }
  const [internal] = ranges.filter(([field]) => field === "composerInternal");
  if (internal && internal[1].prefix !== 20)
    report("network.composerInternal", "Composer takes exactly a /20");
  ranges.forEach(([field, range], index) => {
    for (const [other, earlier] of ranges.slice(0, index)) {
      if (range.first <= earlier.last && earlier.first <= range.last) {
        report(`network.${field}`, `${range.text} overlaps ${other} (${earlier.text})`);
      }
    }
  });
}

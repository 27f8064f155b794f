import { Estimate } from "./estimate";
import { BASIS, componentRows, notEstimated, otherRegions, savingRows, unconfirmed } from "./summary";

/** Aligns rows of text and amounts in columns, with a rule below the first row and above the last. */
function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_cell, at) => Math.max(...rows.map((row) => (row[at] ?? "").length)));
  const drawn = rows.map((row) =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join("  "),
  );
  const rule = widths.map((width) => "-".repeat(width)).join("  ");
  return [drawn[0] ?? "", rule, ...drawn.slice(1, -1), rule, drawn.at(-1) ?? ""];
}

/** The estimate as text: cost of each component of each stack, savings, and what is not known. */
export function table(estimates: readonly Estimate[]): string {
  const unknown = notEstimated(estimates).map((line) => `  ${line}`);
  const caveats = [otherRegions(estimates), unconfirmed(estimates)].filter((line) => line !== undefined);
  const free = new Set(estimates.flatMap((item) => item.free.map(({ type }) => type))).size;
  return [
    ...BASIS,
    "",
    ...columns(componentRows(estimates)),
    "",
    ...columns(savingRows(estimates)),
    "",
    ...(unknown.length === 0
      ? ["Not estimated: nothing."]
      : ["Not estimated, not in the totals:", ...unknown]),
    ...caveats,
    `Free of charge: ${free} resource types, with reasons in cost/free-resources.ts.`,
  ].join("\n");
}

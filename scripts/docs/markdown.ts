/**
 * A table of Markdown, its columns aligned as Prettier aligns them.
 * @param rows - cells by row, the heading first
 */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(3, ...rows.map((row) => (row[column] ?? "").length)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const [heading = [], ...others] = rows;
  return [line(heading), line(widths.map((width) => "-".repeat(width))), ...others.map(line)].join("\n");
}

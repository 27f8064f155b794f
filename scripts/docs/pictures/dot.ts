import { execFileSync } from "node:child_process";
import { join } from "node:path";

/** Text inside an HTML-like label of Graphviz. */
export function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** A quoted string of DOT. */
export function quoted(text: string): string {
  return `"${text.replaceAll('"', '\\"')}"`;
}

export interface Box {
  /** Service or kind, in small letters above the title. */
  readonly kind: string;
  readonly title: string;
  /** Lines below the title. */
  readonly lines?: readonly string[];
  /** Colour of the frame. */
  readonly colour: string;
}

/** A node's label: kind, title and lines, one below the other. */
export function boxLabel({ kind, title, lines = [], colour }: Box): string {
  const row = (text: string, font: string): string =>
    `<TR><TD ALIGN="LEFT"><FONT ${font}>${escaped(text)}</FONT></TD></TR>`;
  const rows = [
    row(kind, `POINT-SIZE="10" COLOR="${colour}"`),
    `<TR><TD ALIGN="LEFT"><FONT POINT-SIZE="13" COLOR="#1f2933"><B>${escaped(title)}</B></FONT></TD></TR>`,
    ...lines.map((line) => row(line, 'POINT-SIZE="10.5" COLOR="#52606d"')),
  ];
  return `<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">${rows.join("")}</TABLE>>`;
}

/** An arrow's label on a white ground, which covers the lines below it. */
export function edgeLabel(lines: readonly string[]): string {
  const rows = lines.map((line) => `<TR><TD>${escaped(line)}</TD></TR>`);
  return `<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0" BGCOLOR="white">${rows.join("")}</TABLE>>`;
}

/**
 * Draws a graph.
 * @param dot - the graph in the DOT language
 * @returns the picture as SVG, as wide as the page that shows it
 */
export function drawn(dot: string): string {
  const svg = execFileSync(process.execPath, [join(__dirname, "render.mjs")], {
    input: dot,
    encoding: "utf8",
  });
  // Without the engine's version and document type, which say nothing about the picture.
  return `${svg.slice(svg.indexOf("<svg")).trim()}\n`;
}

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { boxLabel } from "./pictures/dot";
import { table } from "./markdown";

/** Ways in which something depends on columns, by `source.column`. */
type Dependencies = Readonly<Record<string, readonly string[]>>;

interface Step {
  readonly columns: Readonly<Record<string, Dependencies>>;
  readonly rows: Dependencies;
}

type Steps = Readonly<Record<string, Step>>;

const FILES = ["sales_data", "products", "stores"];

/** The column lineage that the job's package has, by table, view or `lines`, the line store. */
export function readLineage(root: string): Steps {
  return JSON.parse(readFileSync(join(root, "pyspark-jobs/sales_job/lineage/columns.json"), "utf8")) as Steps;
}

/** A view reads tables; products and stores are files to every other step. */
const isView = (steps: Steps, name: string): boolean =>
  !sourcesOf(steps, name).includes("lines") && !FILES.includes(name) && name !== "lines";

function sourcesOf(steps: Steps, name: string): string[] {
  const { columns, rows } = steps[name] ?? { columns: {}, rows: {} };
  const places = [rows, ...Object.values(columns)].flatMap((depends) => Object.keys(depends));
  return [...new Set(places.map((place) => place.split(".")[0] ?? ""))];
}

/**
 * What is made of what, from files to views.
 * @returns the graph in the DOT language
 */
export function lineagePicture(steps: Steps): string {
  const file = (name: string): string => `file ${name}`;
  const box = (id: string, kind: string, title: string, colour: string): string =>
    `"${id}" [id="${id}", label=${boxLabel({ kind, title, colour })}, color="${colour}"];`;
  const nodes = Object.keys(steps).map((name) => {
    if (name === "lines") return box(name, "files of the job", "line store", "#c2410c");
    return isView(steps, name) ? box(name, "view", name, "#7e22ce") : box(name, "table", name, "#15803d");
  });
  const edges = Object.keys(steps).flatMap((name) =>
    sourcesOf(steps, name).map((source) => {
      const fromFile = FILES.includes(source) && !isView(steps, name);
      return `"${fromFile ? file(source) : source}" -> "${name}";`;
    }),
  );
  const titles = { sales_data: "sales_data/", products: "products.csv", stores: "stores.csv" };
  return `digraph lineage {
    rankdir=LR; bgcolor=white; nodesep=0.18; ranksep=1.1; pad=0.2;
    node [shape=box, style="rounded,filled", fillcolor=white, fontname="Helvetica", margin="0.1,0.05"];
    edge [arrowsize=0.7, color="#9aa5b1"];
    ${Object.entries(titles)
      .map(([name, title]) => box(file(name), "file", title, "#0b7285"))
      .join("\n    ")}
    ${nodes.join("\n    ")}
    ${edges.join("\n    ")}
  }`;
}

/** The columns of files behind each column of the published tables, as a table in Markdown. */
export function columnsOfFiles(steps: Steps): string {
  const lines = steps.lines?.columns ?? {};
  const behind = (places: readonly string[]): string[] => {
    const found = places.flatMap((place) => {
      const [source = "", column = ""] = place.split(".");
      return source === "lines" ? Object.keys(lines[column] ?? {}) : [place];
    });
    return [...new Set(found)].sort().map((place) => `\`${place.replace("sales_data.", "")}\``);
  };
  const rows = Object.entries(steps)
    .filter(([name]) => name !== "lines" && !isView(steps, name) && !FILES.includes(name))
    .flatMap(([name, { columns, rows: which }]) => [
      ...Object.entries(columns).map(([column, depends]) => [
        `\`${name}.${column}\``,
        behind(Object.keys(depends)).join(", "),
      ]),
      [`rows of \`${name}\``, behind(Object.keys(which)).join(", ")],
    ]);
  return table([["column", "made of"], ...rows.filter(([, from]) => from !== "")]);
}

import { boxLabel, edgeLabel, escaped, quoted } from "./dot";
import { Edge, edgesOf, memberNode, partOf, partsOf } from "./environment-edges";
import { PARTS, Part } from "./environment-parts";
import { Resources, grantsIn, references } from "../stack-graph";

const COLOURS: Readonly<Record<string, string>> = {
  lake: "#0b7285",
  processing: "#c2410c",
  orchestration: "#1d4ed8",
  database: "#7e22ce",
  warehouse: "#15803d",
  operations: "#92400e",
  observability: "#be123c",
  network: "#475569",
  encryption: "#475569",
};
const OUTSIDE = "#334155";
const EDGES = {
  data: 'color="#2563eb", penwidth=1.8',
  control: 'color="#b45309", style=dashed',
  event: 'color="#be123c", style=dotted, penwidth=1.4',
} as const;

function node(part: Part, resources: Resources): string {
  const own = new Map([...resources].filter(([address]) => partOf(address) === part));
  const colour = COLOURS[part.domain ?? ""] ?? OUTSIDE;
  const values = [...own.values()];
  const encrypted = part.name !== "keys" && references(values).some((one) => one.includes("kms_crypto_key."));
  const subnets = references(values)
    .filter((one) => one.startsWith("google_compute_subnetwork.") && partOf(one) !== part)
    .map((one) => `in the ${/network_(\w+)-subnet/.exec(one)?.[1] ?? ""} subnet`);
  const label = boxLabel({
    kind: part.kind,
    title: `${part.title}${encrypted ? " ◆" : ""}`,
    lines: [...(part.lines?.(own) ?? []), ...subnets],
    colour,
  });
  return `${quoted(part.name)} [id=${quoted(part.name)}, label=${label}, color="${colour}"];`;
}

/** What the arrows and the sign mean. */
function legend(): string {
  const rows = [
    ["#2563eb", "solid", "data, by a grant to read or write"],
    ["#b45309", "dashed", "may use or control, by a grant"],
    ["#be123c", "dotted", "messages and log events"],
    ["#1f2933", "◆", "encrypted with the environment's own key"],
  ].map(
    ([colour, sign, text]) =>
      `<TR><TD ALIGN="LEFT"><FONT POINT-SIZE="10" COLOR="${colour ?? ""}"><B>${sign ?? ""}</B></FONT></TD><TD ALIGN="LEFT"><FONT POINT-SIZE="10.5" COLOR="#52606d">${text ?? ""}</FONT></TD></TR>`,
  );
  return `<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="2">${rows.join("")}</TABLE>>`;
}

/** Column of the groups of readers. */
const READERS = 4;

/** Place from left to right; groups of readers come last. */
function column(name: string): number {
  return PARTS.find((part) => part.name === name)?.column ?? READERS;
}

/** An arrow, given to the engine from left to right: that is how it places the boxes. */
function arrow({ from, to, kind, label, both }: Edge): string {
  const backwards = column(to) < column(from);
  const [left, right] = backwards ? [to, from] : [from, to];
  const direction = both ? "both" : backwards ? "back" : "forward";
  const place = column(from) === column(to) ? ", constraint=false" : "";
  const text = label === "" ? "" : `, label=${edgeLabel(label.split("\n"))}`;
  return `${quoted(left)} -> ${quoted(right)} [${EDGES[kind]}, dir=${direction}${place}${text}];`;
}

/**
 * The picture of an environment: a box for each part, an arrow for each grant or connection between two parts.
 * @param resources - of the synthesized stack, by address
 * @returns the graph in the DOT language
 */
export function environmentPicture(resources: Resources): string {
  const parts = partsOf(resources);
  const domains = [...new Set(parts.flatMap(({ domain }) => domain ?? []))];
  const frames = domains.map(
    (domain) => `subgraph "cluster_${domain}" {
      label=<<FONT POINT-SIZE="11" COLOR="${COLOURS[domain] ?? OUTSIDE}"><B>${escaped(domain)}</B></FONT>>;
      color="${COLOURS[domain] ?? OUTSIDE}55"; bgcolor="${COLOURS[domain] ?? OUTSIDE}0d"; style=rounded; margin=10;
      ${parts
        .filter((part) => part.domain === domain)
        .map((part) => node(part, resources))
        .join("\n      ")}
    }`,
  );
  const groups = [...new Set(grantsIn(resources).map(({ member }) => memberNode(member)))]
    .filter((name) => name?.startsWith("group:") === true)
    .map((name) => {
      const title = (name ?? "").replace(/^group:|@.*$/g, "");
      return `${quoted(name ?? "")} [id=${quoted(name ?? "")}, label=${boxLabel({ kind: "group of readers", title, colour: OUTSIDE })}, color="${OUTSIDE}"];`;
    });
  // Labels come last: their ground covers the lines below.
  const edges = edgesOf(resources)
    .sort((a, b) => a.label.length - b.label.length)
    .map(arrow);
  const columns = [0, 1, 2, 3, READERS].map(
    (place) =>
      `{ rank=same; ${parts
        .filter((part) => part.column === place)
        .map(({ name }) => quoted(name))
        .join("; ")} }`,
  );
  return `digraph environment {
    rankdir=LR; bgcolor=white; fontname="Helvetica"; nodesep=0.25; ranksep=0.6; pad=0.2; outputorder=edgesfirst; newrank=true;
    node [shape=box, style="rounded,filled", fillcolor=white, fontname="Helvetica", margin="0.08,0.05"];
    edge [fontname="Helvetica", fontsize=10, fontcolor="#52606d", arrowsize=0.7];
    ${frames.join("\n    ")}
    ${parts
      .filter(({ domain }) => domain === undefined)
      .map((part) => node(part, resources))
      .join("\n    ")}
    ${groups.join("\n    ")}
    ${edges.join("\n    ")}
    ${columns.join("\n    ")}
    legend [id=legend, shape=plain, style="", label=${legend()}];
    network -> keys -> audit -> legend [style=invis];
  }`;
}

import { boxLabel, edgeLabel } from "./dot";

const box = (name: string, kind: string, title: string, colour: string, lines: readonly string[]): string =>
  `"${name}" [id="${name}", label=${boxLabel({ kind, title, lines, colour })}, color="${colour}"];`;

/**
 * The platform in one picture: what flows from the sales files to the readers, and what Airflow does around it.
 * @param tables - names of the tables that BI readers see
 * @returns the graph in the DOT language
 */
export function platformPicture(tables: readonly string[]): string {
  const steps = ["wait for files", "check references", "run the job", "quality gate", "archive", "notify"];
  const label = (text: string): string => `label=${edgeLabel(text.split("|"))}`;
  return `digraph platform {
    rankdir=LR; bgcolor=white; newrank=true; nodesep=0.4; ranksep=0.75; pad=0.2;
    node [shape=box, style="rounded,filled", fillcolor=white, fontname="Helvetica", margin="0.12,0.08"];
    edge [fontname="Helvetica", fontsize=10.5, fontcolor="#52606d", arrowsize=0.8, color="#2563eb", penwidth=1.8];
    ${box("source", "source systems", "Sales files", "#334155", ["CSV, one folder a day"])}
    ${box("lake", "Cloud Storage", "Lake", "#0b7285", ["sales_data/dt=…", "reference_data", "processed"])}
    ${box("job", "Dataproc", "Spark job", "#c2410c", ["checks every line", "removes duplicates", "computes the tables"])}
    ${box("warehouse", "BigQuery", "Tables", "#15803d", tables)}
    ${box("readers", "people", "BI, analysts, report", "#334155", [])}
    ${box("database", "Cloud SQL", "PostgreSQL", "#7e22ce", ["products, stores"])}
    ${box("quarantine", "BigQuery", "Quarantine", "#be123c", ["each bad line, with its reason"])}
    ${box("airflow", "Composer", "Airflow, every day", "#1d4ed8", [steps.slice(0, 3).join(" → "), `→ ${steps.slice(3).join(" → ")}`])}
    source -> lake -> job;
    job -> warehouse [${label("publish|all or nothing")}];
    job -> quarantine;
    database -> job [dir=both, ${label("names, costs")}];
    warehouse -> readers;
    airflow -> job [style=dashed, color="#b45309", constraint=false];
    airflow -> warehouse [style=invis];
    lake -> airflow [style=invis]; lake -> database [style=invis];
    { rank=same; airflow; job; }
    { rank=same; lake; database; }
    { rank=same; warehouse; quarantine; }
  }`;
}

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readWords } from "../../../constructs/catalog/words";
import { OWNERS, PERSONAL_CLASSES } from "../../../constructs/warehouse/table";
import { escaped, facts, inline, table } from "./html";
import { Entry, EntryColumn, readEntries } from "./source";

const KINDS = {
  published: ["Published tables", "For readers; a run changes all of them at once."],
  view: ["Views", "Written once, in BigQuery's SQL; the local warehouse translates it."],
  state: ["State tables", "The job keeps them for itself. Nobody else reads them."],
  streamed: [
    "Messages",
    "Pub/Sub fills them while a day is open. Nobody reads them but the views over them.",
  ],
} as const;

const asset = (file: string): string => readFileSync(join(__dirname, file), "utf8").trimEnd();
const code = (text: string): string => `<code>${escaped(text)}</code>`;
const idOf = (name: string): string => `table-${name}`;

/** Links to tables and views; what is none of them is a file of the lake. */
function links(names: readonly string[], entries: readonly Entry[]): string {
  return names
    .map((name) =>
      entries.some((entry) => entry.name === name)
        ? `<a href="#${idOf(name)}">${code(name)}</a>`
        : `${code(name)} (files)`,
    )
    .join(", ");
}

function meaning({ description, from, measure }: EntryColumn): string {
  const shown = from === undefined ? "" : `; from ${code(from)}`;
  const formula = measure === undefined ? "" : `; <a href="#measure-${measure}">measure</a>`;
  return `${inline(description)}${shown}${formula}`;
}

/** What a column's values are made of: columns of tables are links to these. */
function madeOf({ madeOf: sources = [] }: EntryColumn, entries: readonly Entry[]): string {
  return sources
    .map((source) => {
      const [table = ""] = source.split(".");
      const known = entries.some(({ name }) => name === table);
      // A long name breaks behind its table, not in a word.
      const shown = code(source).replace(".", ".<wbr>");
      return known ? `<a href="#${idOf(table)}">${shown}</a>` : shown;
    })
    .join(", ");
}

/** Columns of the table of columns; one that nothing is in is left out. */
const COLUMNS: readonly (readonly [string, (column: EntryColumn, entries: readonly Entry[]) => string])[] = [
  ["column", ({ name }) => code(name)],
  ["meaning", meaning],
  ["type", ({ type }) => type],
  ["may be NULL", ({ nullable }) => (nullable ? "yes" : "")],
  ["personal data", ({ personal }) => personal ?? ""],
  ["made of", madeOf],
];

function section(entry: Entry, entries: readonly Entry[]): string {
  const { name, checks, rules, sample } = entry;
  const classes = [...new Set(entry.columns.flatMap(({ personal }) => personal ?? []))];
  const shown = COLUMNS.filter(([, cell]) => entry.columns.some((column) => cell(column, entries) !== ""));
  const columns = table(
    `Columns of ${name}`,
    shown.map(([head]) => head),
    entry.columns.map((column) => shown.map(([, cell]) => cell(column, entries))),
  );
  return `<section class="entry" id="${idOf(name)}" aria-labelledby="${idOf(name)}-name">
<h3 id="${idOf(name)}-name">${code(name)}</h3>
<p>${inline(entry.description)}.</p>
${facts([
  ["Owner", entry.owner],
  ["Audience", entry.audience],
  ["Key", entry.key.map(code).join(", ")],
  ["Layout", inline(entry.layout)],
  ["Personal data", classes.join(", ") || "none"],
  ["Made from", links(entry.sources, entries) || "the run itself"],
  ["Read by", links(entry.readers, entries)],
])}
${columns}
${
  checks.length + rules.length === 0
    ? ""
    : `<details><summary>Checks (${checks.length + rules.length})</summary><ul>
${[
  ...checks.map(
    (check) =>
      `<li>${code(check.name)}: ${inline(check.rule)} (${check.severity ?? "after the run, by the DAG"})</li>`,
  ),
  ...rules.map((rule) => `<li>${code(rule.name)}, in each row: ${inline(rule.rule)}</li>`),
].join("\n")}
</ul></details>`
}
${sample === undefined ? "" : `<p class="caption">Sample query</p>\n<pre tabindex="0"><code>${escaped(sample)}</code></pre>`}
</section>`;
}

function words(root: string): string {
  const declared = readWords(root);
  const measures = Object.entries(declared.measures).map(
    ([name, { description, sql }]) => `<section class="entry" id="measure-${name}">
<h3>${code(name)}</h3>
<p>${inline(description)}.</p>
<pre tabindex="0"><code>${escaped(sql)}</code></pre>
</section>`,
  );
  const terms = Object.entries(declared.terms).map(
    ([word, text]) => `<section class="entry"><h3>${escaped(word)}</h3><p>${inline(text)}</p></section>`,
  );
  const people = Object.entries(OWNERS).map(
    ([name, text]) => `<section class="entry"><h3>${name}</h3><p>${text}.</p></section>`,
  );
  const classes = Object.entries(PERSONAL_CLASSES).map(
    ([name, text]) =>
      `<section class="entry"><h3>${name}</h3><p>${text}. Readers in BigQuery see NULL.</p></section>`,
  );
  return [
    ["measures", "Measures", "One formula for every view that shows the figure.", measures],
    ["terms", "Words", "As the glossary has them.", terms],
    ["owners", "Owners", "Teams that answer for a table.", people],
    ["personal-data", "Personal data", "Classes of columns.", classes],
  ]
    .map(
      ([id, title, text, found]) => `<section class="group" aria-labelledby="${String(id)}">
<h2 id="${String(id)}">${String(title)}</h2>
<p>${String(text)}</p>
${(found as string[]).join("\n")}
</section>`,
    )
    .join("\n");
}

/**
 * The catalog as one page that needs no server, no network and no script: a script only adds the search.
 * @param root - top folder of the checkout
 */
export function catalogPage(root: string): string {
  const entries = readEntries(root);
  const kinds = Object.entries(KINDS).map(([kind, [title, text]]) => {
    const shown = entries.filter((entry) => entry.kind === kind);
    return { kind, title, text, shown };
  });
  const index = kinds.map(
    ({ title, shown }) => `<h2>${title}</h2>
<ul>${shown.map(({ name }) => `<li><a href="#${idOf(name)}">${code(name)}</a></li>`).join("")}</ul>`,
  );
  const others = ["measures", "terms", "owners", "personal-data"].map(
    (id) => `<li><a href="#${id}">${id.replace("-", " ")}</a></li>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Catalog of the sales tables</title>
<style>
${asset("page.css")}
</style>
</head>
<body>
<a class="skip" href="#content">Skip to the tables</a>
<header>
<h1>Catalog of the sales tables</h1>
<p>Every table, view and column with its meaning, owner, origin and checks. <code>npm run docs</code> writes this page from
<code>pyspark-jobs/sales_job/tables/</code>. BigQuery and the local warehouse have the same tables; in BigQuery choose the dataset
<code>sales_analytics_ENVIRONMENT</code> for the sample queries.</p>
<form id="search" role="search" hidden><label for="words">Search tables, columns and words</label>
<input id="words" type="search" autocomplete="off"><output id="found" for="words"></output></form>
</header>
<nav aria-label="Tables and words">
${index.join("\n")}
<h2>Words</h2>
<ul>${others.join("")}</ul>
</nav>
<main id="content">
${kinds
  .map(
    ({ kind, title, text, shown }) => `<section class="group" aria-labelledby="${kind}">
<h2 id="${kind}">${title}</h2>
<p>${text}</p>
${shown.map((entry) => section(entry, entries)).join("\n")}
</section>`,
  )
  .join("\n")}
${words(root)}
</main>
<script>
${asset("search.js")}
</script>
</body>
</html>
`;
}

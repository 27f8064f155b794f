// The template of the report: its program, style and policy in one file, which `npm run report` and the daily DAG fill.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { deflateSync } from "node:zlib";
import { at, read, sha256 } from "./files.mjs";

const FILE = at("dist/report_template.html");
const PAGE = at("report/page");
const MEASURES = at("pyspark-jobs/sales_job/tables/measures.json");

/** Hash of all that goes into the template: the page's files, the measures, the packages, this program. */
function hash() {
  const names = readdirSync(PAGE, { recursive: true }).filter((name) => /\.(ts|css|html)$/.test(name));
  const files = [...names.sort().map((name) => `${PAGE}/${name}`), MEASURES, at("package-lock.json")];
  return sha256([...files, at("scripts/setup/report.mjs")].map(read).join("\0"));
}

function ready() {
  const lock = `${FILE}.locked`;
  return existsSync(FILE) && existsSync(lock) && read(lock) === hash();
}

/**
 * A measure's SQL as JavaScript, so that the page computes what the views compute.
 * @param {string} sql IF, SAFE_DIVIDE, CAST to NUMERIC, names of columns, 0, +, -, >
 */
function asJavaScript(sql) {
  const words = { IF: "when", SAFE_DIVIDE: "divide", NULL: "null", 0: "0n" };
  // Every figure of the page is NUMERIC.
  const plain = sql.replace(/CAST\((\w+) AS NUMERIC\)/g, "$1");
  const unknown = plain.replace(/\b[a-z_]+\b|\b(IF|SAFE_DIVIDE|NULL|0)\b|[\s(),+>-]/g, "");
  if (unknown) throw new Error(`${MEASURES}: the report does not know '${unknown}' in '${sql}'`);
  return plain.replace(/\w+/g, (word) => words[word] ?? `of.${word}`);
}

/** Those that the page uses. */
const measures = {
  name: "measures",
  setup(build) {
    build.onResolve({ filter: /^measures$/ }, () => ({ path: "measures", namespace: "measures" }));
    build.onLoad({ filter: /.*/, namespace: "measures" }, () => {
      const declared = JSON.parse(read(MEASURES));
      const used = [...read(`${PAGE}/figures/measures.d.ts`).matchAll(/const (\w+): Measure/g)];
      const made = used.map(
        ([, name]) => `export const ${name} = (of) => ${asJavaScript(declared[name].sql)};`,
      );
      const exact = 'import { divide, when } from "./figures/exact";';
      return { contents: [exact, ...made].join("\n"), resolveDir: PAGE };
    });
  },
};

/** @returns {Promise<string>} a program of the page and all that it imports, as one script */
async function script(name) {
  // Imported where it is used: the set-up starts before any package is installed.
  const { build } = await import("esbuild");
  const options = { bundle: true, minify: true, write: false, format: "iife", target: "es2022" };
  const { outputFiles } = await build({
    ...options,
    entryPoints: [`${PAGE}/${name}.ts`],
    charset: "utf8",
    legalComments: "none",
    plugins: [measures],
  });
  // No text in it may end the element that it is written into.
  return outputFiles[0].text.trim().replaceAll("</script", "<\\/script");
}

const source = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

async function make() {
  const [program, loader] = await Promise.all([script("program"), script("loader")]);
  const style = read(`${PAGE}/style.css`);
  const policy = [
    "default-src 'none'",
    `script-src ${source(loader)} ${source(program)}`,
    `style-src ${source(style)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const parts = {
    REPORT_POLICY: policy,
    REPORT_STYLE: style,
    REPORT_PROGRAM: deflateSync(program, { level: 9 }).toString("base64"),
    REPORT_LOADER: loader,
  };
  const places = new RegExp(Object.keys(parts).join("|"), "g");
  const page = read(`${PAGE}/template.html`).replace(places, (place) => parts[place]);
  mkdirSync(at("dist"), { recursive: true });
  // Renamed into place: another command may read it at the same time.
  writeFileSync(`${FILE}.${process.pid}`, page);
  renameSync(`${FILE}.${process.pid}`, FILE);
  writeFileSync(`${FILE}.locked`, hash());
}

export const report = { needs: ["node"], label: "Template of the report", ready, make };

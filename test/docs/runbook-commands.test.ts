import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

const ROOT = join(__dirname, "../..");
const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");
const pages = [
  "README.md",
  ...readdirSync(join(ROOT, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

/** What is code in a page: blocks, and spans in its sentences. */
function code(text: string): string[] {
  const blocks: string[] = [];
  const prose = text.replaceAll(/^ *```[^\n]*\n(.*?)^ *```/gms, (_, block: string) => {
    blocks.push(block.replaceAll(/\\\n\s*/g, " "));
    return "";
  });
  return [
    ...blocks,
    ...[...prose.matchAll(/`([^`]+)`/g)].map(([, span]) => (span ?? "").replaceAll("\n", " ")),
  ];
}

/** Commands of a page that begin with a program's name, a line each, without what is quoted. */
function commands(text: string, program: string): string[] {
  const found = new RegExp(`(?<![\\w$-])${program} ([^|;)\\n]*)`, "g");
  return code(text).flatMap((part) =>
    [...part.replaceAll(/'[^']*'|"[^"\n]*"/g, "QUOTED").matchAll(found)].map(([, rest]) => rest ?? ""),
  );
}
const flags = (command: string): string[] =>
  [...command.matchAll(/(?:^|[\s[])(--[a-z][a-z-]*)/g)].map(([, flag]) => flag ?? "");

/** Flags of the project's own commands, from where each reads them. */
function known(script: string): string[] {
  if (script === "etl")
    return [...read("pyspark-jobs/sales_job/base/arguments.py").matchAll(/"(--[a-z-]+)"/g)].map(
      ([, flag]) => flag ?? "",
    );
  const sources = ["scripts", "report", "cost", "scripts/sample_data"].flatMap((folder) =>
    readdirSync(join(ROOT, folder))
      .filter((name) => (folder === "scripts" ? name === `${script}.mjs` : name.includes(".")))
      .map((name) => read(`${folder}/${name}`)),
  );
  return [...sources.join("\n").matchAll(/--[a-z][a-z-]*/g)].map(([flag]) => flag);
}

test.each(pages)("%s gives npm scripts flags that they have", (page) => {
  const wrong = commands(read(page), "npm run").flatMap((command) => {
    const [, script = "", rest = ""] = /^(?:--silent )?([a-z]+)(?: -- (.*))?/.exec(command) ?? [];
    return flags(rest)
      .filter((flag) => !known(script).includes(flag))
      .map((flag) => `${script} ${flag}`);
  });
  expect(wrong).toEqual([]);
});

test("the pages start and pause DAGs that are there, with parameters that the sales DAG has", () => {
  const text = pages
    .map(read)
    .join("\n")
    .replaceAll(/\\\n\s*/g, " ");
  const sources = readdirSync(join(ROOT, "dags"))
    .filter((name) => name.endsWith("_dag.py"))
    .map((name) => read(`dags/${name}`));
  const ids = [...sources.join("\n").matchAll(/dag_id="(\w+)"/g)].map(([, id]) => id ?? "");
  const named = [...text.matchAll(/\bdags (?:trigger|pause|unpause|list-runs) -- (?:-d )?(\w+)/g)];
  expect(named.length).toBeGreaterThan(5);
  expect(named.map(([, id]) => id ?? "").filter((id) => !ids.includes(id))).toEqual([]);
  const days = read("dags/sales_platform/shared/run_parameters.py");
  const given = [...text.matchAll(/--conf '([^']*)'/g)].map(
    ([, json]) => JSON.parse(json ?? "") as Record<string, unknown>,
  );
  expect(given.length).toBeGreaterThan(2);
  for (const conf of given)
    for (const name of Object.keys(conf)) expect([name, days.includes(`"${name}": `)]).toEqual([name, true]);
});

interface Group {
  readonly commands: Readonly<Record<string, Group>>;
  readonly flags: Readonly<Record<string, unknown>>;
}

/** What gcloud knows of its own commands, without asking anything; undefined where there is no gcloud. */
function gcloud(): Group | undefined {
  const program = (process.env.PATH ?? "")
    .split(delimiter)
    .map((folder) => join(folder, "gcloud"))
    .find((file) => existsSync(file));
  const tree = program && join(dirname(realpathSync(program)), "../data/cli/gcloud_completions.py");
  if (tree === undefined || !existsSync(tree)) return undefined;
  const text = readFileSync(tree, "utf8");
  return JSON.parse(text.slice(text.indexOf("= {") + 2)) as Group;
}
const tree = gcloud();

test("the pages give gcloud so many commands that looking at them says something", () => {
  expect(commands(pages.map(read).join("\n"), "gcloud").length).toBeGreaterThan(40);
});

(tree ? test : test.skip).each(pages)("%s gives gcloud commands and flags that it has", (page) => {
  const wrong = commands(read(page), "gcloud").flatMap((command) => {
    let at: Group = tree ?? { commands: {}, flags: {} };
    const own = command.split(" -- ")[0] ?? "";
    const words = own.split(/\s+/);
    for (let next = at.commands[words[0] ?? ""]; next; next = at.commands[words[0] ?? ""]) {
      at = next;
      words.shift();
    }
    const there = { ...tree?.flags, ...at.flags };
    const missing = flags(own).filter((flag) => !(flag in there) && !(flag.replace("--no-", "--") in there));
    return Object.keys(at.commands).length > 0 && words.some((word) => /^[a-z]/.test(word))
      ? [`gcloud ${command}`]
      : missing.map((flag) => `gcloud ${command}: ${flag}`);
  });
  expect(wrong).toEqual([]);
});

const terraform = spawnSync("terraform", ["version"], { env: { ...process.env, CHECKPOINT_DISABLE: "1" } });

(terraform.status === 0 ? test : test.skip)(
  "the pages give terraform subcommands and flags that it has",
  () => {
    const text = pages.map(read).join("\n");
    const used = new Set(
      [...commands(text, "terraform"), ...commands(text, "\\$TF")].map((command) =>
        command.replace(/^-chdir=\S+ ?/, "").trim(),
      ),
    );
    let checked = 0;
    for (const command of used) {
      const [, subcommand] =
        /^(init|plan|import|output|force-unlock|state (?:rm|push|list|show))\b/.exec(command) ?? [];
      if (subcommand === undefined) continue;
      const help = spawnSync("terraform", [...subcommand.split(" "), "-help"], { encoding: "utf8" }).stdout;
      const given = [...command.matchAll(/ (-[a-z][a-z-]*)/g)].map(([, flag]) => flag ?? "");
      expect([command, given.filter((flag) => !help.includes(flag))]).toEqual([command, []]);
      checked += 1;
    }
    expect(checked).toBeGreaterThan(4);
  },
);

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { environments } from "../../environments";

const ROOT = join(__dirname, "../..");
/** Folders of code; `scripts/` has a file for each command instead. */
const CODE = ["constructs", "cost", "dags", "environments", "pyspark-jobs", "report", "stacks"];
const MAX_FILES = 12;

const files = CODE.flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|py|json)$/.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name))),
);
const typescript = files.filter((file) => file.endsWith(".ts"));
const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");

/** Files of the project that a file imports, without their ending. */
function imports(file: string): string[] {
  return [...read(file).matchAll(/^(?:import|export) [^;]*? from "(\.[^"]+)"/gm)].map(([, path = ""]) =>
    normalize(join(dirname(file), path)),
  );
}

test("a folder of code holds at most a dozen files", () => {
  const counts = new Map<string, number>();
  // An environment or a table is data: there can be any number of them.
  const declared = environments.map(({ name }) => `environments/${name}.ts`);
  const isData = (file: string): boolean => declared.includes(file) || file.includes("/tables/published/");
  for (const file of files.filter((name) => !isData(name)))
    counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
  expect(counts.size).toBeGreaterThan(20);
  expect([...counts].filter(([, count]) => count > MAX_FILES)).toEqual([]);
});

test("imports go one way: main and stacks use constructs, constructs use environments", () => {
  const below: Readonly<Record<string, readonly string[]>> = {
    environments: ["environments"],
    constructs: ["constructs", "environments"],
    stacks: ["constructs", "environments", "stacks"],
  };
  const wrong = typescript.flatMap((file) => {
    const allowed = below[file.split("/")[0] ?? ""];
    return (
      imports(file)
        // Data that the job and the stacks share is no code.
        .filter((target) => !target.endsWith(".json"))
        .filter((target) => allowed !== undefined && !allowed.includes(target.split("/")[0] ?? ""))
        .map((target) => `${file} imports ${target}`)
    );
  });
  expect(wrong).toEqual([]);
});

test("no two folders of constructs import each other, also not through a third", () => {
  const domain = (path: string): string => path.split("/")[1] ?? "";
  const uses = new Map<string, Set<string>>();
  for (const file of typescript.filter((name) => name.startsWith("constructs/"))) {
    const targets = imports(file).filter((target) => target.startsWith("constructs/"));
    const known = uses.get(domain(file)) ?? new Set();
    for (const target of targets) if (domain(target) !== domain(file)) known.add(domain(target));
    uses.set(domain(file), known);
  }
  expect(uses.size).toBeGreaterThan(10);
  // Folders that use no others are removed, again and again: a circle remains.
  for (let found = true; found;) {
    found = false;
    for (const [name, targets] of uses) {
      if ([...targets].some((target) => uses.has(target))) continue;
      uses.delete(name);
      found = true;
    }
  }
  expect([...uses.keys()]).toEqual([]);
});

/** Files that declare a construct or a stack, with the text of their class. */
const classes = typescript.flatMap((file) =>
  [...read(file).matchAll(/^(?:export )?class (\w+) extends (?:Construct|TerraformStack)\b[^]*?^}/gm)].map(
    ([text, name = ""]) => ({ file, name, text }),
  ),
);

test.each(classes)(
  "$name has (scope, id, props), and reads neither files nor process.env",
  ({ file, text }) => {
    const [, parameters = "none"] = /constructor\(([^)]*)\)/.exec(text) ?? [];
    expect(parameters.replaceAll(/\s+/g, " ").trim()).toMatch(
      /^scope: Construct, id: string(, (private readonly )?props: \w+Props)?,?$/,
    );
    expect(read(file)).not.toMatch(/process\.env|"node:fs"/);
  },
);

test("the constructs are found", () => {
  expect(classes.length).toBeGreaterThan(25);
});

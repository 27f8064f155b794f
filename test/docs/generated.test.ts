import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Stack, documents, resourcesOf } from "../../scripts/docs/documents";
import { memberNode, partOf } from "../../scripts/docs/pictures/environment-edges";
import { NOT_DRAWN, PARTS } from "../../scripts/docs/pictures/environment-parts";
import { grantsIn } from "../../scripts/docs/stack-graph";
import { synthesizedStacks } from "../infra/support/synthesized-stacks";

const ROOT = join(__dirname, "../..");
const { plan } = synthesizedStacks();
const stack = (environment: string): Stack => plan(environment).json as unknown as Stack;
const made = documents(stack);

test.each([...made.keys()])("%s is up to date: `npm run docs` writes it", (file) => {
  expect(readFileSync(join(ROOT, file), "utf8")).toBe(made.get(file));
});

describe("the picture of an environment", () => {
  const picture = (made.get("docs/images/environment.svg") ?? "")
    .replaceAll("&#45;", "-")
    .replaceAll("&gt;", ">");
  const resources = resourcesOf(stack("dev"));
  const drawn = [...picture.matchAll(/<g id="([^"]+)" class="node">/g)].map(([, id]) => id ?? "");

  test("shows every resource of the stack in a part, or names it among what it leaves out", () => {
    const left = [...resources.keys()].filter((address) => {
      const first = (address.split(".")[1] ?? "").split("_")[0] ?? "";
      const part = partOf(address);
      return part === undefined ? !NOT_DRAWN.includes(first) : !drawn.includes(part.name);
    });
    expect(left).toEqual([]);
  });

  test("shows no part that the stack does not have", () => {
    const accounts = [...JSON.stringify([...resources]).matchAll(/serviceAccount:sales-dev-([a-z]+)@/g)];
    const known = PARTS.filter(
      ({ ids }) =>
        ids.some((id) => [...resources.keys()].some((address) => new RegExp(`\\.${id}[-_]`).test(address))) ||
        accounts.some(([, name]) => ids.includes(`identities_${name ?? ""}`)),
    );
    const groups = drawn.filter((name) => name.startsWith("group:"));
    // By default nobody reads the tables: the groups are their owner's.
    expect(groups).toEqual([]);
    expect(drawn.filter((name) => !name.startsWith("group:")).sort()).toEqual(
      ["legend", ...known.map(({ name }) => name)].sort(),
    );
  });

  test("frames the folders of constructs/", () => {
    const frames = [...picture.matchAll(/<g id="clust\d+" class="cluster">\s*<title>cluster_(\w+)</g)];
    expect(frames.length).toBeGreaterThan(7);
    for (const [, folder] of frames)
      expect([folder, existsSync(join(ROOT, "constructs", folder ?? ""))]).toEqual([folder, true]);
  });

  // By hand, from docs/platform/access.md: who may write or control what.
  test.each([
    ["data and spark", "data", "spark"],
    ["the cluster writes the tables", "spark", "dataset"],
    ["Airflow archives", "archive", "composer"],
    ["Airflow acts as the operator", "composer", "operator"],
    ["the operator changes the password", "operator", "password"],
    ["office hours stop the database", "schedule", "postgres"],
  ])("has an arrow for: %s", (_, from, to) => {
    const titles = [...picture.matchAll(/<title>([^<]+)<\/title>/g)].map(([, title]) => title ?? "");
    expect(titles.filter((title) => [`${from}->${to}`, `${to}->${from}`].includes(title)).length).toBe(1);
  });

  test("has an arrow from each account that holds a grant on a store", () => {
    const holders = grantsIn(resources)
      .filter(({ on }) => on !== undefined && partOf(on) !== undefined)
      .map(({ member }) => memberNode(member));
    for (const holder of new Set(holders))
      if (holder !== undefined && holder !== "audit")
        expect([holder, drawn.includes(holder)]).toEqual([holder, true]);
  });
});

import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const ROOT = join(__dirname, "../..");
const FOLDERS = [
  "docs",
  ".github",
  "constructs",
  "dags",
  "environments",
  "pyspark-jobs",
  "sample_data",
  "scripts",
  "test",
];

/** Every page of the checkout, as a path from the top folder. */
const pages = [
  ...readdirSync(ROOT).filter((name) => name.endsWith(".md")),
  ...FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".md"))
      .map((name) => join(folder, name)),
  ),
];
const read = (page: string): string => readFileSync(join(ROOT, page), "utf8");
const prose = (page: string): string => read(page).replaceAll(/^ *```.*?^ *```/gms, "");

/** Anchors that GitHub gives to a page's headings. */
function anchors(page: string): string[] {
  return [...prose(page).matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    (heading ?? "")
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

test("there are pages to look at", () => {
  expect(pages.length).toBeGreaterThan(40);
});

test.each(pages)("%s links to files and headings that exist", (page) => {
  const broken = [...prose(page).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)]
    .map(([, link]) => link ?? "")
    .filter((link) => {
      const [path = "", anchor] = link.split("#");
      const target = path === "" ? page : relative(ROOT, join(ROOT, dirname(page), path));
      if (!existsSync(join(ROOT, target))) return true;
      return anchor !== undefined && !anchors(target).includes(anchor);
    });
  expect(broken).toEqual([]);
});

test.each(pages)("%s names files of the checkout that exist", (page) => {
  const roots =
    "constructs|cost|dags|docs|environments|pyspark-jobs|rehearsal|report|requirements|sample_data|scripts|stacks|test";
  const named = [...prose(page).matchAll(new RegExp(`\`((?:${roots})/[\\w./-]*)\``, "g"))].map(
    ([, path]) => path ?? "",
  );
  // A how-to names the files that its reader writes.
  const written = [...read(page).matchAll(/^ *```\w* title="([^"]+)"/gm)].map(([, path]) => path);
  expect(named.filter((path) => !existsSync(join(ROOT, path)) && !written.includes(path))).toEqual([]);
});

test("every page of docs/ is linked from another page", () => {
  const linked = new Set(
    pages.flatMap((page) =>
      [...prose(page).matchAll(/\]\((?!https?:)([^)#\s]+)/g)].map(([, link]) => {
        const target = relative(ROOT, join(ROOT, dirname(page), link ?? ""));
        return existsSync(join(ROOT, target)) && statSync(join(ROOT, target)).isDirectory()
          ? join(target, "README.md")
          : target;
      }),
    ),
  );
  expect(pages.filter((page) => page.startsWith("docs/") && !linked.has(page))).toEqual([]);
});

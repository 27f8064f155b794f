import { readFileSync } from "node:fs";
import { join } from "node:path";
import { environments } from "../../environments";
import { readTables } from "../../constructs/warehouse/table-catalog";
import { isOfMessages, readViews } from "../../constructs/warehouse/views";
import { accessTable } from "./access-table";
import { catalogPage } from "./catalog/page";
import { checksTable } from "./checks-table";
import { dataDictionary } from "./data-dictionary";
import { guardrailsList } from "./guardrails-list";
import { columnsOfFiles, lineagePicture, readLineage } from "./lineage-page";
import { drawn } from "./pictures/dot";
import { environmentPicture } from "./pictures/environment-picture";
import { platformPicture } from "./pictures/platform-picture";
import { recoverySettings } from "./recovery-settings";
import { withPart } from "./sections";
import { Attributes, Resources, isGrant } from "./stack-graph";

const ROOT = join(__dirname, "../..");
const BI = "docs/platform/bi.md";
const CHECKS = "docs/job/quality-checks.md";
const LINEAGE = "docs/platform/lineage.md";
const RECOVERY = "docs/platform/recovery.md";
const page = (file: string): string => readFileSync(join(ROOT, file), "utf8");

/** The synthesized JSON of a stack. */
export interface Stack {
  readonly resource: Readonly<Record<string, Readonly<Record<string, Attributes>>>>;
}

/** Resources of a stack by address, sorted; CDKTF's own notes are left out. */
export function resourcesOf({ resource }: Stack): Resources {
  return new Map(
    Object.entries(resource)
      .flatMap(([type, items]) =>
        Object.entries(items).map(([id, item]) => [`${type}.${id}`, { ...item, "//": undefined }] as const),
      )
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** Rights that bootstrap gives the accounts of an environment's workloads on one another. */
function rightsOnAccounts(bootstrap: Resources, environment: string): [string, Attributes][] {
  return [...bootstrap].filter(
    ([address]) => isGrant(address) && address.split(".")[1]?.startsWith(`${environment}_workloads_`),
  );
}

/** What BI readers see, as a list in Markdown. */
function readableTables(): string {
  const tables = readTables(ROOT, "published").filter(({ audience }) => audience === "business");
  const streamed = readTables(ROOT, "streamed");
  const views = readViews(ROOT).filter((view) => !isOfMessages(view, streamed));
  return [...tables, ...views]
    .map(
      ({ name, description }) =>
        `- \`${name}\`: ${description.charAt(0).toLowerCase()}${description.slice(1)}`,
    )
    .join("\n");
}

/**
 * The documents that `npm run docs` writes.
 * @param stack - gives the synthesized stack of an environment
 * @returns content by path from the top folder
 */
export function documents(stack: (environment: string) => Stack): ReadonlyMap<string, string> {
  const bootstrap = resourcesOf(stack("bootstrap"));
  const whole = (name: string): Resources =>
    new Map([...resourcesOf(stack(name)), ...rightsOnAccounts(bootstrap, name)]);
  const [dev, prod] = [whole("dev"), whole("prod")];
  const business = readTables(ROOT, "published").filter(({ audience }) => audience === "business");
  const lineage = readLineage(ROOT);
  return new Map([
    ["docs/platform/access.md", accessTable(prod)],
    [RECOVERY, withPart(page(RECOVERY), "settings", recoverySettings(environments))],
    [LINEAGE, withPart(page(LINEAGE), "columns", columnsOfFiles(lineage))],
    ["docs/images/lineage.svg", drawn(lineagePicture(lineage))],
    [BI, withPart(page(BI), "tables", readableTables())],
    [CHECKS, withPart(page(CHECKS), "checks", checksTable(ROOT))],
    ["docs/catalog.html", catalogPage(ROOT)],
    ["docs/data-dictionary.md", dataDictionary(ROOT)],
    ["docs/guardrails.md", guardrailsList()],
    ["docs/images/environment.svg", drawn(environmentPicture(dev))],
    ["docs/images/platform.svg", drawn(platformPicture(business.map(({ name }) => name)))],
  ]);
}

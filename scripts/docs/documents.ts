import { accessTable } from "./access-table";
import { drawn } from "./pictures/dot";
import { environmentPicture } from "./pictures/environment-picture";
import { platformPicture } from "./pictures/platform-picture";
import { Attributes, Resources, grantsIn } from "./stack-graph";

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

/** Tables, not views, that a group of readers may read by name. */
function publishedTables(resources: Resources): string[] {
  const granted = grantsIn(resources).flatMap(({ member, on }) =>
    member.startsWith("group:") && on ? [on] : [],
  );
  const tables = [...new Set(granted)].map((address) => resources.get(address) ?? {});
  return tables
    .filter((table) => table.table_id !== undefined && !table.view && !table.materialized_view)
    .map((table) => String(table.table_id))
    .sort();
}

/**
 * The documents that `npm run docs` writes.
 * @param stack - gives the synthesized stack of an environment
 * @returns content by path from the top folder
 */
export function documents(stack: (environment: string) => Stack): ReadonlyMap<string, string> {
  const [dev, prod] = [resourcesOf(stack("dev")), resourcesOf(stack("prod"))];
  return new Map([
    ["docs/platform/access.md", accessTable(prod)],
    ["docs/images/environment.svg", drawn(environmentPicture(dev))],
    ["docs/images/platform.svg", drawn(platformPicture(publishedTables(dev)))],
  ]);
}

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { accessTable } from "./access-table";

const root = join(__dirname, "../..");
const plan = JSON.parse(readFileSync(join(root, "cdktf.out/stacks/prod/cdk.tf.json"), "utf8")) as {
  resource: Record<string, Record<string, Record<string, unknown>>>;
};
const resources = new Map(
  Object.entries(plan.resource).flatMap(([type, items]) =>
    Object.entries(items).map(([id, item]) => [`${type}.${id}`, item] as const),
  ),
);
writeFileSync(join(root, "docs/platform/access.md"), accessTable(resources));

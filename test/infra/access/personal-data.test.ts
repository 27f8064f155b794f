import { join } from "node:path";
import { readTables } from "../../../constructs/warehouse/table-catalog";
import { environments } from "../../../environments";
import { at, Attributes, Plan } from "../support/fixture";
import { synthesize } from "../support/synthesize";

const ROOT = join(__dirname, "../../..");
const [dev] = environments;
if (!dev) throw new Error("no environment");

const ANALYSTS = "group:analysts@acme.eu";
const READERS = "group:bi@acme.eu";
const BOTH = "group:both@acme.eu";
const stack = synthesize([
  { ...dev, access: { analysts: [ANALYSTS, BOTH], biReaders: [READERS, BOTH] } },
]).plan(dev.name);

interface Field {
  readonly name: string;
  readonly policyTags?: { readonly names: readonly string[] };
}

const tables = new Map(
  [...stack.resources]
    .filter(([address, { table_id: id }]) => address.startsWith("google_bigquery_table.") && id !== undefined)
    .map(([address, table]) => [address, table] as const),
);
/** Table or view that a reference is to. */
const referred = (reference: unknown): string =>
  String(tables.get(/\{(google_bigquery_table\.[\w-]+)\./.exec(String(reference))?.[1] ?? "")?.table_id);
const fields = (table: Attributes): Field[] => JSON.parse((table.schema ?? "[]") as string) as Field[];
/** Policy tags of a stack, by the reference that a column has: the class. */
const classes = (from: Plan): Map<string, unknown> =>
  new Map(
    [...from.resources]
      .filter(([address]) => address.startsWith("google_data_catalog_policy_tag."))
      .map(([address, tag]) => [`\${${address}.name}`, tag.display_name]),
  );

/** Tables and views whose rows a member reads by a grant. */
const readBy = (member: string): string[] =>
  stack
    .all("google_bigquery_table_iam_member")
    .filter((grant) => grant.member === member && grant.role === "roles/bigquery.dataViewer")
    .map((grant) => referred(grant.table_id))
    .sort();
const onDataset = (member: string): unknown[] =>
  stack
    .all("google_bigquery_dataset_iam_member")
    .filter((grant) => grant.member === member)
    .map(({ role }) => role);

test("every column with personal data that the catalog publishes has the tag of its class, and no other column one", () => {
  const declared = readTables(ROOT, "published").flatMap(({ name, columns }) =>
    columns.flatMap((column) => (column.personal ? [`${name}.${column.name}: ${column.personal}`] : [])),
  );
  const byTag = classes(stack);
  const tagged = [...tables.values()].flatMap((table) =>
    fields(table).flatMap(({ name, policyTags }) =>
      (policyTags?.names ?? []).map((tag) => `${String(table.table_id)}.${name}: ${String(byTag.get(tag))}`),
    ),
  );
  expect(tagged.sort()).toEqual(declared.sort());
  expect(tagged).toContain("quarantined_sales.customer_id: customer");
});

test("each class is enforced, and hides the value altogether", () => {
  const taxonomy = stack.only("google_data_catalog_taxonomy");
  // Only with this type do the tags refuse anybody.
  expect(taxonomy.activated_policy_types).toEqual(["FINE_GRAINED_ACCESS_CONTROL"]);
  expect(taxonomy.display_name).toBe(`sales dev personal data in ${dev.projectId}`);
  const masks = stack.all("google_bigquery_datapolicy_data_policy");
  expect(masks.map(({ policy_tag: tag }) => classes(stack).get(String(tag))).sort()).toEqual([
    "customer",
    "employee",
  ]);
  for (const mask of masks)
    expect(mask).toMatchObject({
      data_policy_type: "DATA_MASKING_POLICY",
      data_masking_policy: { predefined_expression: "ALWAYS_NULL" },
    });
  // BigQuery accepts tags of its own location only.
  expect([taxonomy.region, ...masks.map(({ location }) => location)]).toEqual([
    dev.region,
    dev.region,
    dev.region,
  ]);
});

test("readers see these columns masked, each once; the job alone sees them as they are", () => {
  const granted = (type: string): string[] =>
    stack
      .all(type)
      .map(({ member, role }) => `${String(member)} ${String(role)}`)
      .sort();
  const masked = "roles/bigquerydatapolicy.maskedReader";
  expect(granted("google_bigquery_datapolicy_data_policy_iam_member")).toEqual(
    [ANALYSTS, READERS, BOTH].flatMap((member) => [`${member} ${masked}`, `${member} ${masked}`]).sort(),
  );
  const clear = `serviceAccount:sales-dev-processing@${dev.projectId}.iam.gserviceaccount.com roles/datacatalog.categoryFineGrainedReader`;
  expect(granted("google_data_catalog_policy_tag_iam_member")).toEqual([clear, clear]);
});

test("analysts read what is published, and no state or staged table", () => {
  const warehouse = [...tables].filter(([address]) => !address.startsWith("google_bigquery_table.stream_"));
  expect(readBy(ANALYSTS)).toEqual(warehouse.map(([, { table_id: id }]) => String(id)).sort());
  // It lists tables and columns; a role with bigquery.tables.getData here would open what a run stages, in clear.
  expect(onDataset(ANALYSTS)).toEqual(["roles/bigquery.metadataViewer"]);
  expect(onDataset(READERS)).toEqual([]);
});

test.each([
  ["analysts", ANALYSTS],
  ["BI readers", READERS],
])("%s can read every table and view below each view that they read", (_, member) => {
  const read = readBy(member);
  // A view that is authorized reads another dataset for everybody who may read the view.
  const authorized = stack
    .all("google_bigquery_dataset_access")
    .map((access) => `${referred(at(access, "view.table_id"))} reads streamed_sales`);
  const missing = [...tables.values()].flatMap((view) => {
    const query = (at(view, "view.query") ?? at(view, "materialized_view.query")) as string | undefined;
    if (query === undefined || !read.includes(String(view.table_id))) return [];
    const sources = [...query.matchAll(/\$\{google_bigquery_table\.[\w-]+\.table_id\}/g)].map(([one]) =>
      referred(one),
    );
    // A view that names no table would pass without a check.
    if (sources.length === 0) return [`${String(view.table_id)} reads nothing`];
    return sources
      .filter((source) => !read.includes(source))
      .map((source) => `${String(view.table_id)} reads ${source}`)
      .filter((one) => !authorized.includes(one));
  });
  expect(missing).toEqual([]);
  expect(read.length).toBeGreaterThan(5);
});

test("who reads tables reads the report, which shows the same figures, and nothing else in a bucket", () => {
  const granted = stack
    .all("google_storage_bucket_iam_member")
    .filter(({ member }) => String(member).startsWith("group:"))
    .map(({ member, role, bucket }) => [member, role, /lake_([a-z-]+)_bucket/.exec(String(bucket))?.[1]]);
  expect(granted.sort()).toEqual(
    [ANALYSTS, READERS, BOTH].sort().map((member) => [member, "roles/storage.objectViewer", "report"]),
  );
});

test("readers can open the report: Cloud Storage refuses a browser where its reads are logged; all else is logged", () => {
  const exempted = stack
    .all("google_project_iam_audit_config")
    .flatMap(({ service, audit_log_config: logs }) =>
      (logs as { log_type: string; exempted_members?: string[] }[]).flatMap(
        ({ log_type: type, exempted_members: members }) => (members ? [[service, type, members]] : []),
      ),
    );
  expect(exempted).toEqual([["storage.googleapis.com", "DATA_READ", [ANALYSTS, BOTH, READERS]]]);
});

test("no materialized view reads a tagged column: BigQuery would store it in clear", () => {
  const tagged = [...tables.values()].flatMap((table) =>
    fields(table).some(({ policyTags }) => policyTags) ? [String(table.table_id)] : [],
  );
  const stored = [...tables.values()].flatMap((view) =>
    [...((at(view, "materialized_view.query") ?? "") as string).matchAll(/\$\{[^}]+\}/g)].map(([one]) =>
      referred(one),
    ),
  );
  expect(stored).not.toEqual([]);
  expect(stored.filter((source) => tagged.includes(source))).toEqual([]);
});

import { environments } from "../../../environments";
import { at } from "../support/fixture";
import { synthesizedStacks } from "../support/synthesized-stacks";
import { synthesize } from "../support/synthesize";

const { plan } = synthesizedStacks();
const dev = plan("dev");
const [environment] = environments;
if (!environment) throw new Error("no environment");
const AGENT = /@gcp-sa-pubsub\.iam\.gserviceaccount\.com$/;
const inStream = (address: string): boolean => address.split(".")[1]?.startsWith("stream_") ?? false;
const ofStream = (type: string) =>
  [...dev.resources].filter(([address]) => address.startsWith(`${type}.`) && inStream(address));

test("a message has the columns of a sales file as optional texts", () => {
  expect(dev.only("google_pubsub_schema")).toMatchObject({
    type: "PROTOCOL_BUFFER",
    definition: `syntax = "proto2";

message SalesLine {
  optional string transaction_id = 1;
  optional string product_id = 2;
  optional string store_id = 3;
  optional string quantity = 4;
  optional string unit_price = 5;
  optional string transaction_date = 6;
  optional string customer_id = 7;
  optional string line_number = 8;
}
`,
  });
});

test("what cannot be written becomes a dead letter, which is kept", () => {
  const [sales, dead] = ["sales-dev-stream", "sales-dev-stream-dead-letters"].map((name) =>
    dev.all("google_pubsub_subscription").find((one) => one.name === name),
  );
  expect(at(sales, "bigquery_config")).toMatchObject({ use_topic_schema: true, write_metadata: true });
  expect(at(sales, "dead_letter_policy.max_delivery_attempts")).toBe(20);
  expect(at(dead, "topic")).toBe(at(sales, "dead_letter_policy.dead_letter_topic"));
  for (const one of [sales, dead]) expect(at(one, "expiration_policy.ttl")).toBe("");
});

test("Pub/Sub alone has rights on the messages, and no reader", () => {
  const grants = ofStream("google_bigquery_table_iam_member").map(([, grant]) => grant);
  expect(grants.map(({ role }) => role)).toEqual(["roles/bigquery.dataEditor", "roles/bigquery.dataEditor"]);
  for (const { member } of grants) expect(member).toMatch(AGENT);
  // A member on the dataset would end the right of the authorized view, which the provider says.
  const members = dev.all("google_bigquery_dataset_iam_member").map(({ dataset_id }) => String(dataset_id));
  expect(members.filter((dataset) => dataset.includes("stream_dataset"))).toEqual([]);
  expect(String(at(dev.only("google_bigquery_dataset_access"), "view.table_id"))).toContain("sales-today");
});

test("messages go after the environment's days", () => {
  const tables = ofStream("google_bigquery_table").filter(([, table]) => table.schema !== undefined);
  expect(tables.map(([, table]) => at(table, "time_partitioning.expiration_ms"))).toEqual([
    7 * 86_400_000,
    7 * 86_400_000,
  ]);
});

test("an environment without streaming has nothing of it", () => {
  const without = synthesize([{ ...environment, streaming: undefined }]).plan(environment.name);
  expect([...without.resources.keys()].filter((address) => /stream|sales-today/.test(address))).toEqual([]);
});

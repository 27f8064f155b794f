import { Table } from "../warehouse/table";

/** Columns that Pub/Sub itself fills (`write_metadata`): https://cloud.google.com/pubsub/docs/bigquery */
const METADATA = ["subscription_name", "message_id", "publish_time", "attributes"];

/**
 * The schema of a message: the columns of the table but Pub/Sub's own, each an optional text, as the fields of a file are.
 * A protocol buffer, because its JSON is plain (`{"quantity": "2"}`), where Avro's names the type of an optional value.
 */
export function messageSchema(table: Table): string {
  const fields = table.columns
    .filter(({ name }) => !METADATA.includes(name))
    // Numbers of fields stay: a new column comes behind the others.
    .map(({ name }, index) => `  optional string ${name} = ${index + 1};`);
  return ['syntax = "proto2";', "", "message SalesLine {", ...fields, "}", ""].join("\n");
}

// Terraform replaces a table whose column gets another type, and its rows are lost; BigQuery can change some types itself.
import { UserError } from "../../lib/cli.mjs";

/** Changes of a type that BigQuery makes in place. */
const WIDER = { INTEGER: "NUMERIC" };

/**
 * Refuses a plan that would replace a table with rows of its own, with the statements that change its columns in place.
 * @param {{ resource_changes?: any[] }} plan as `terraform show -json` writes it
 */
export function refuseReplacement({ resource_changes: changes = [] }) {
  const replaced = changes.filter(
    ({ type, change }) =>
      type === "google_bigquery_table" && change.actions.length > 1 && !change.before.view?.length,
  );
  const lines = replaced
    .filter(({ change }) => !change.before.materialized_view?.length)
    .map(({ change: { before, after } }) => {
      const table = `${before.project}.${before.dataset_id}.${before.table_id}`;
      const types = new Map(JSON.parse(after.schema ?? "[]").map(({ name, type }) => [name, type]));
      const retyped = JSON.parse(before.schema).filter(
        ({ name, type }) => types.has(name) && types.get(name) !== type,
      );
      const statements = retyped.map(
        ({ name }) => `ALTER TABLE \`${table}\` ALTER COLUMN ${name} SET DATA TYPE ${types.get(name)};`,
      );
      return retyped.length > 0 && retyped.every(({ name, type }) => WIDER[type] === types.get(name))
        ? `${table} would be replaced, and its rows lost: first run in BigQuery ${statements.join(" ")}`
        : `${table} would be replaced, and its rows lost: keep the types and partitions of its columns`;
    });
  if (lines.length > 0) throw new UserError(lines.join("\nerror: "));
}

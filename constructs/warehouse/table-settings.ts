import { BigqueryDataset } from "@cdktf/provider-google/lib/bigquery-dataset";
import { Environment } from "../../environments/environment";
import { isProtected } from "../foundation/protection";
import { Table } from "./table";

/** Settings that every table and view of a dataset has. */
export function tableSettings(
  dataset: BigqueryDataset,
  environment: Pick<Environment, "protection">,
  { name, description, owner }: Pick<Table, "name" | "description" | "owner">,
) {
  return {
    datasetId: dataset.datasetId,
    tableId: name,
    description,
    // BigQuery's own entries in Knowledge Catalog show the labels.
    ...(owner !== undefined && { labels: { owner } }),
    // The default is true, which would protect even an environment that may be destroyed (pg#8352).
    deletionProtection: isProtected(environment),
  };
}

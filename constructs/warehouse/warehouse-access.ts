import { BigqueryTable } from "@cdktf/provider-google/lib/bigquery-table";
import { Construct } from "constructs";
import { Environment } from "../../environments/environment";
import { Identities } from "../identity/identities";
import { grantOnProject } from "../identity/project-grant";
import { Grantee } from "../identity/workload-identity";
import { Warehouse } from "./warehouse";

/** Tables that the DAG's forecast writes: those of `TABLES` in sales_job/forecast/bigquery.py. */
const FORECAST_TABLES = ["forecast_accuracy", "revenue_forecast"] as const;

export interface WarehouseAccessProps {
  readonly environment: Pick<Environment, "projectId" | "access">;
  readonly identities: Identities;
  readonly warehouse: Warehouse;
}

/**
 * Roles on the warehouse: the job writes it, analysts read what is published, BI readers the business tables and views.
 * Neither reads personal data: tagged columns are NULL for them, and state and staged tables are the job's alone.
 */
export class WarehouseAccess extends Construct {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: WarehouseAccessProps,
  ) {
    super(scope, id);
    const { environment, identities, warehouse } = props;
    const { orchestrator, processing } = identities;
    const { analysts, biReaders } = environment.access;
    warehouse.grant(this, "loader", processing, "roles/bigquery.dataEditor");
    // The job has the files with the same data. BigQuery checks this role where a statement reads a tagged column.
    warehouse.personalData.grantClear(this, "loader", processing);
    warehouse.grant(this, "checker", orchestrator, "roles/bigquery.dataViewer");
    // Refreshing a materialized view by hand needs write access to it.
    for (const view of warehouse.materializedViews) {
      warehouse.grantOnTable(
        this,
        `refresher-${view.node.id}`,
        view,
        orchestrator,
        "roles/bigquery.dataEditor",
      );
    }
    for (const name of FORECAST_TABLES) {
      const table = warehouse.table(name);
      const id = `forecaster-${table.node.id}`;
      warehouse.grantOnTable(this, id, table, orchestrator, "roles/bigquery.dataEditor");
    }
    analysts.forEach((member, index) => {
      // Names and columns of all tables: what a tool lists.
      warehouse.grant(this, `analyst-${index}`, { member }, "roles/bigquery.metadataViewer");
      this.grantReading(`analyst-${index}`, { member }, warehouse.published);
    });
    biReaders.forEach((member, index) => {
      this.grantReading(`bi-${index}`, { member }, warehouse.business);
    });
    [...new Set([...analysts, ...biReaders])].forEach((member, index) => {
      warehouse.personalData.grantMasked(this, `masked-${index}`, { member });
    });
  }

  private grantReading(id: string, grantee: Grantee, tables: readonly BigqueryTable[]): void {
    const { environment, warehouse } = this.props;
    for (const table of tables)
      warehouse.grantOnTable(this, `${id}-${table.node.id}`, table, grantee, "roles/bigquery.dataViewer");
    const { projectId } = environment;
    grantOnProject(this, `${id}-queries`, { projectId, grantee, role: "roles/bigquery.jobUser" });
  }
}

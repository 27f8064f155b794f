import { Construct } from "constructs";
import { Environment } from "../../environments/environment";
import { Identities } from "../identity/identities";
import { grantOnProject } from "../identity/project-grant";
import { Grantee } from "../identity/workload-identity";
import { Warehouse } from "./warehouse";

export interface WarehouseAccessProps {
  readonly environment: Pick<Environment, "projectId" | "access">;
  readonly identities: Identities;
  readonly warehouse: Warehouse;
}

/** Roles on the warehouse: the job writes it, analysts read all of it, BI readers read the business tables and views. */
export class WarehouseAccess extends Construct {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: WarehouseAccessProps,
  ) {
    super(scope, id);
    const { environment, identities, warehouse } = props;
    const { orchestrator, processing } = identities;
    warehouse.grant(this, "loader", processing, "roles/bigquery.dataEditor");
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
    environment.access.analysts.forEach((member, index) => {
      warehouse.grant(this, `analyst-${index}`, { member }, "roles/bigquery.dataViewer");
      this.grantQueries(`analyst-${index}-queries`, { member });
    });
    environment.access.biReaders.forEach((member, index) => {
      for (const table of warehouse.business) {
        const id = `bi-${index}-${table.node.id}`;
        warehouse.grantOnTable(this, id, table, { member }, "roles/bigquery.dataViewer");
      }
      this.grantQueries(`bi-${index}-queries`, { member });
    });
  }

  private grantQueries(id: string, grantee: Grantee): void {
    const { projectId } = this.props.environment;
    grantOnProject(this, id, { projectId, grantee, role: "roles/bigquery.jobUser" });
  }
}

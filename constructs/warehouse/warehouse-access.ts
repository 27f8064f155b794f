import { BigqueryDatasetIamMember } from "@cdktf/provider-google/lib/bigquery-dataset-iam-member";
import { BigqueryTable } from "@cdktf/provider-google/lib/bigquery-table";
import { BigqueryTableIamMember } from "@cdktf/provider-google/lib/bigquery-table-iam-member";
import { ProjectIamMember } from "@cdktf/provider-google/lib/project-iam-member";
import { Construct } from "constructs";
import { Environment } from "../../environments/environment";
import { Identities } from "../identity/identities";
import { Table } from "./table-catalog";
import { MATERIALIZED_VIEWS } from "./views";
import { Warehouse } from "./warehouse";

export interface WarehouseAccessProps {
  readonly environment: Environment;
  readonly identities: Identities;
  readonly warehouse: Warehouse;
  /** The published tables, from the catalog. */
  readonly tables: readonly Table[];
}

/** Who reads and writes the warehouse: loaders all of it, analysts read it, BI readers what is published. */
export class WarehouseAccess extends Construct {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: WarehouseAccessProps,
  ) {
    super(scope, id);
    const { environment, identities, warehouse } = props;
    this.onDataset("loader", "roles/bigquery.dataEditor", identities.processing.member);
    this.onDataset("checker", "roles/bigquery.dataViewer", identities.orchestrator.member);
    // A refresh by hand writes the materialized views, and nothing else does.
    for (const { name } of MATERIALIZED_VIEWS) {
      const view = warehouse.views.get(name);
      if (view)
        this.onTable(
          `refresher-${view.node.id}`,
          view,
          "roles/bigquery.dataEditor",
          identities.orchestrator.member,
        );
    }
    environment.access.analysts.forEach((member, index) => {
      this.onDataset(`analyst-${index}`, "roles/bigquery.dataViewer", member);
      this.mayQuery(`analyst-${index}-queries`, member);
    });
    environment.access.biReaders.forEach((member, index) => {
      for (const table of this.published()) {
        this.onTable(`bi-${index}-${table.node.id}`, table, "roles/bigquery.dataViewer", member);
      }
      this.mayQuery(`bi-${index}-queries`, member);
    });
  }

  private published(): BigqueryTable[] {
    const { tables, views } = this.props.warehouse;
    const names = this.props.tables.filter(({ audience }) => audience === "business").map(({ name }) => name);
    return [...names.flatMap((name) => tables.get(name) ?? []), ...views.values()];
  }

  private onTable(id: string, table: BigqueryTable, role: string, member: string): void {
    new BigqueryTableIamMember(this, id, {
      datasetId: table.datasetId,
      tableId: table.tableId,
      role,
      member,
    });
  }

  private onDataset(id: string, role: string, member: string): void {
    new BigqueryDatasetIamMember(this, id, {
      datasetId: this.props.warehouse.dataset.datasetId,
      role,
      member,
    });
  }

  private mayQuery(id: string, member: string): void {
    new ProjectIamMember(this, id, {
      project: this.props.environment.projectId,
      role: "roles/bigquery.jobUser",
      member,
    });
  }
}

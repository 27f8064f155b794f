import { BigqueryBiReservation } from "@cdktf/provider-google/lib/bigquery-bi-reservation";
import { BigqueryDataset } from "@cdktf/provider-google/lib/bigquery-dataset";
import { BigqueryReservation } from "@cdktf/provider-google/lib/bigquery-reservation";
import { BigqueryReservationAssignment } from "@cdktf/provider-google/lib/bigquery-reservation-assignment";
import { BigqueryTable } from "@cdktf/provider-google/lib/bigquery-table";
import { Construct } from "constructs";
import { Environment } from "../../environments/environment";
import { Key, Keys } from "../encryption/keys";
import { datasetId, resourceName } from "../../environments/naming";
import { isProtected } from "../foundation/protection";
import { Table } from "./table-catalog";
import { MATERIALIZED_VIEWS, View, VIEWS } from "./views";

export interface WarehouseProps {
  readonly environment: Environment;
  readonly keys: Keys;
  /** The published tables, from the catalog. */
  readonly tables: readonly Table[];
}

const DAY_MS = 86_400_000;
const REFRESH_MS = 30 * 60_000;

/** Columns as BigQuery's API returns them; what else the catalog says of a column is not for BigQuery. */
function schemaJson(table: Table): string {
  return JSON.stringify(
    table.columns.map(({ name, type, mode, description }) => ({ name, type, mode, description })),
  );
}

/** BigQuery: the job's tables, and views that stay as they are when a table changes. */
export class Warehouse extends Construct {
  readonly dataset: BigqueryDataset;
  /** Known at synth. */
  readonly datasetId: string;
  readonly tables = new Map<string, BigqueryTable>();
  readonly views = new Map<string, BigqueryTable>();
  private readonly key: Key | undefined;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: WarehouseProps,
  ) {
    super(scope, id);
    const { environment, keys } = props;
    const settings = environment.warehouse;
    this.key = keys.at(environment.region, "bigquery");
    this.datasetId = datasetId(environment.name);
    this.dataset = new BigqueryDataset(this, "dataset", {
      datasetId: this.datasetId,
      location: environment.region,
      description: "Sales analytics: daily and all-time figures",
      maxTimeTravelHours: String(settings.timeTravelHours),
      storageBillingModel: settings.storageBilling,
      deleteContentsOnDestroy: !isProtected(environment),
      ...(this.key && { defaultEncryptionConfiguration: { kmsKeyName: this.key.id } }),
      dependsOn: this.key?.grants,
    });
    for (const table of props.tables) this.addTable(table);
    for (const view of MATERIALIZED_VIEWS) this.addMaterializedView(view);
    for (const view of VIEWS) this.addView(view);
    if (settings.biEngineGib !== undefined) this.addBiEngine(settings.biEngineGib);
    if (settings.slots !== undefined) this.addSlots(settings.slots);
  }

  private common(name: string, description: string) {
    return {
      datasetId: this.dataset.datasetId,
      tableId: name,
      description,
      // The default is true, which would keep even dev from being destroyed (pg#8352).
      deletionProtection: isProtected(this.props.environment),
    };
  }

  private addTable(table: Table): void {
    const days = table.expires ? this.props.environment.warehouse.quarantineDays : undefined;
    this.tables.set(
      table.name,
      new BigqueryTable(this, table.name.replaceAll("_", "-"), {
        ...this.common(table.name, table.description),
        schema: schemaJson(table),
        ...(table.partitionBy !== undefined && {
          timePartitioning: {
            type: "DAY",
            field: table.partitionBy,
            ...(days !== undefined && { expirationMs: days * DAY_MS }),
          },
          // On the table: the field of the same name inside the partitioning is deprecated.
          ...(table.filterRequired && { requirePartitionFilter: true }),
        }),
        ...(table.clusterBy.length > 0 && { clustering: [...table.clusterBy] }),
        ...(this.key && { encryptionConfiguration: { kmsKeyName: this.key.id } }),
      }),
    );
  }

  private base(name: string): BigqueryTable {
    const table = this.tables.get(name);
    if (!table) throw new Error(`${name}: no such table, see pyspark-jobs/sales_job/tables/published`);
    return table;
  }

  /** `project.dataset.table`, holding a reference: the view is made after its table (sqlmesh#4908). */
  private path(table: BigqueryTable): string {
    return `${this.props.environment.projectId}.${this.dataset.datasetId}.${table.tableId}`;
  }

  private addMaterializedView(view: View): void {
    const base = this.base(view.from);
    this.views.set(
      view.name,
      new BigqueryTable(this, view.name.replaceAll("_", "-"), {
        ...this.common(view.name, view.description),
        materializedView: {
          query: view.query(this.path(base)),
          enableRefresh: true,
          refreshIntervalMs: REFRESH_MS,
        },
        ...(this.key && { encryptionConfiguration: { kmsKeyName: this.key.id } }),
        // A view over a table that was made anew is invalid: make it anew too (pulumi-gcp#2498).
        lifecycle: {
          replaceTriggeredBy: [`${BigqueryTable.tfResourceType}.${base.friendlyUniqueId}.creation_time`],
        },
      }),
    );
  }

  private addView(view: View): void {
    this.views.set(
      view.name,
      new BigqueryTable(this, view.name.replaceAll("_", "-"), {
        ...this.common(view.name, view.description),
        view: { query: view.query(this.path(this.base(view.from))), useLegacySql: false },
      }),
    );
  }

  private addBiEngine(gib: number): void {
    new BigqueryBiReservation(this, "bi-engine", {
      location: this.props.environment.region,
      size: gib * 1024 ** 3,
    });
  }

  private addSlots(slots: { readonly baseline: number; readonly max: number }): void {
    const { environment } = this.props;
    const reservation = new BigqueryReservation(this, "slots", {
      name: resourceName(environment.name, "queries"),
      location: environment.region,
      edition: "ENTERPRISE",
      slotCapacity: slots.baseline,
      autoscale: { maxSlots: slots.max - slots.baseline },
      ignoreIdleSlots: false,
    });
    new BigqueryReservationAssignment(this, "slots-assignment", {
      assignee: `projects/${environment.projectId}`,
      jobType: "QUERY",
      reservation: reservation.id,
    });
  }
}

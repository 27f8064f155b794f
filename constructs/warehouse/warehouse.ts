import { BigqueryDataset } from "@cdktf/provider-google/lib/bigquery-dataset";
import { BigqueryDatasetIamMember } from "@cdktf/provider-google/lib/bigquery-dataset-iam-member";
import { BigqueryTable } from "@cdktf/provider-google/lib/bigquery-table";
import { BigqueryTableIamMember } from "@cdktf/provider-google/lib/bigquery-table-iam-member";
import { Construct } from "constructs";
import { Environment } from "../../environments/environment";
import { bucketName, datasetId, LAKE_FOLDER } from "../../environments/naming";
import { Key, KeySource } from "../encryption/keys";
import { isProtected } from "../foundation/protection";
import { DAY_MS } from "../foundation/time";
import { Grantee } from "../identity/workload-identity";
import { PersonalData } from "./personal-data";
import { reserveQueryCapacity } from "./query-capacity";
import { Table } from "./table";
import { tableSettings } from "./table-settings";
import { queryOf, View } from "./views";

export interface WarehouseProps {
  readonly environment: Pick<Environment, "name" | "projectId" | "region" | "protection" | "warehouse">;
  readonly keys: KeySource;
  /** Published tables of the catalog. */
  readonly tables: readonly Table[];
  /** Views over them, each behind those that it reads. */
  readonly views: readonly View[];
  /**
   * Messages that views show beside the tables.
   * @default - none
   */
  readonly stream?: MessageTables;
}

/** Tables of messages, in another dataset. */
export interface MessageTables {
  has(table: string): boolean;
  /** `project.dataset.table` */
  path(table: string): string;
  /** Lets a view read the messages for those who may read the view. */
  authorize(scope: Construct, id: string, view: BigqueryTable): unknown;
}

/** The columns with the fields that BigQuery has; the catalog has more. */
function schemaJson(table: Table, personalData: PersonalData): string {
  return JSON.stringify(
    table.columns.map(({ name, type, mode, description, personal }) => ({
      name,
      type,
      mode,
      description,
      ...(personal !== undefined && { policyTags: { names: [personalData.tagName(personal)] } }),
    })),
  );
}

/** BigQuery: the published tables, and views over them. */
export class Warehouse extends Construct {
  readonly dataset: BigqueryDataset;
  /** Known at synth. */
  readonly datasetId: string;
  readonly materializedViews: readonly BigqueryTable[];
  /** Tables and views for BI readers. */
  readonly business: readonly BigqueryTable[];
  /** All tables and views for readers; state and staged tables are the job's. */
  readonly published: readonly BigqueryTable[];
  readonly personalData: PersonalData;
  private readonly tables = new Map<string, BigqueryTable>();
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
      // The job refuses to fill it from another lake: the lock that keeps two runs apart is in the lake.
      labels: { "lake-bucket": bucketName(environment.projectId, "data"), "lake-folder": LAKE_FOLDER },
      maxTimeTravelHours: String(settings.timeTravelHours),
      storageBillingModel: settings.storageBilling,
      deleteContentsOnDestroy: !isProtected(environment),
      ...(this.key && { defaultEncryptionConfiguration: { kmsKeyName: this.key.id } }),
      dependsOn: this.key?.usable,
    });
    this.personalData = new PersonalData(this, "personal-data", { environment });
    for (const table of props.tables) this.tables.set(table.name, this.addTable(table));
    // Views of messages alone are made beside the messages.
    const views = props.views.filter(({ sources }) => sources.some((name) => !props.stream?.has(name)));
    for (const view of views) this.tables.set(view.name, this.addView(view));
    const named = (items: readonly { readonly name: string }[]): BigqueryTable[] =>
      items.map(({ name }) => this.table(name));
    this.materializedViews = named(views.filter(({ partitionBy }) => partitionBy !== undefined));
    this.business = [
      ...named(props.tables.filter(({ audience }) => audience === "business")),
      ...named(views),
    ];
    this.published = [...this.tables.values()];
    reserveQueryCapacity(this, environment);
  }

  private addTable(table: Table): BigqueryTable {
    const days = table.expires ? this.props.environment.warehouse.quarantineDays : undefined;
    return new BigqueryTable(this, table.name.replaceAll("_", "-"), {
      ...tableSettings(this.dataset, this.props.environment, table),
      schema: schemaJson(table, this.personalData),
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
    });
  }

  /** Whether it has a table or view of this name. */
  has(name: string): boolean {
    return this.tables.has(name);
  }

  /**
   * A table or view.
   *
   * @throws Error where the catalog has none of the name
   */
  table(name: string): BigqueryTable {
    const table = this.tables.get(name);
    if (!table) throw new Error(`${name}: no such table or view, see pyspark-jobs/sales_job/tables`);
    return table;
  }

  /** `project.dataset.table`, with a reference to the table: a view is created after its table (sqlmesh#4908). */
  private path(table: BigqueryTable): string {
    return `${this.props.environment.projectId}.${this.dataset.datasetId}.${table.tableId}`;
  }

  private addView(view: View): BigqueryTable {
    const { stream } = this.props;
    const query = queryOf(view, (name) =>
      stream?.has(name) ? stream.path(name) : this.path(this.table(name)),
    );
    const table = new BigqueryTable(this, view.name.replaceAll("_", "-"), {
      ...tableSettings(this.dataset, this.props.environment, view),
      ...(view.partitionBy === undefined
        ? { view: { query, useLegacySql: false } }
        : this.materialized(view, query, view.partitionBy)),
    });
    if (view.sources.some((name) => stream?.has(name))) {
      stream?.authorize(this, `${view.name.replaceAll("_", "-")}-reads-stream`, table);
    }
    return table;
  }

  private materialized(view: View, query: string, partitionBy: string) {
    return {
      // As its table, so that a refresh computes the changed days alone.
      timePartitioning: { type: "DAY", field: partitionBy },
      materializedView: {
        query,
        // The DAG refreshes it after each run. An automatic refresh starts at the same moment, and BigQuery cancels one of
        // two with an error.
        enableRefresh: false,
      },
      ...(this.key && { encryptionConfiguration: { kmsKeyName: this.key.id } }),
      // A materialized view is invalid after its table was replaced: replace it too (pulumi-gcp#2498).
      lifecycle: {
        replaceTriggeredBy: view.sources.map(
          (name) => `${BigqueryTable.tfResourceType}.${this.table(name).friendlyUniqueId}.creation_time`,
        ),
      },
    };
  }

  /** Grants a role on the dataset with all its tables and views. */
  grant(scope: Construct, id: string, grantee: Grantee, role: string): BigqueryDatasetIamMember {
    return new BigqueryDatasetIamMember(scope, id, {
      datasetId: this.dataset.datasetId,
      role,
      member: grantee.member,
    });
  }

  /** Grants a role on one table or view. */
  grantOnTable(
    scope: Construct,
    id: string,
    table: BigqueryTable,
    grantee: Grantee,
    role: string,
  ): BigqueryTableIamMember {
    return new BigqueryTableIamMember(scope, id, {
      datasetId: table.datasetId,
      tableId: table.tableId,
      role,
      member: grantee.member,
    });
  }
}

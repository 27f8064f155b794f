import { DataplexDatascan, DataplexDatascanConfig } from "@cdktf/provider-google/lib/dataplex-datascan";
import { DataplexDatascanIamMember } from "@cdktf/provider-google/lib/dataplex-datascan-iam-member";
import { Construct } from "constructs";
import { Environment } from "../../environments/environment";
import { APPLICATION, resourceName } from "../../environments/naming";
import { customRole } from "../identity/custom-role";
import { Identities } from "../identity/identities";
import { grantOnProject } from "../identity/project-grant";
import { ServiceAgents } from "../identity/service-agents";
import { Table } from "../warehouse/table";
import { Warehouse } from "../warehouse/warehouse";
import { rowFilter, scanRules } from "./scan-rules";

export interface DataScansProps {
  readonly environment: Pick<Environment, "name" | "projectId" | "region">;
  /** Age of the oldest rows of a partitioned table that a scan reads. */
  readonly days: number;
  readonly warehouse: Warehouse;
  /** Published tables of the catalog. */
  readonly tables: readonly Table[];
  readonly identities: Identities;
  readonly agents: ServiceAgents;
}

/**
 * Scans of the published tables by Knowledge Catalog: a quality scan of each table that has rules, and a profile of each
 * table for the business. The DAG starts them after its run; an alert fires on a rule that fails.
 */
export class DataScans extends Construct {
  /** Ids of the scans, known at synth. */
  readonly ids: readonly string[];

  constructor(scope: Construct, id: string, props: DataScansProps) {
    super(scope, id);
    const { environment, warehouse, agents, identities } = props;
    // https://cloud.google.com/bigquery/docs/data-profile-scan: what the service's own account needs.
    const agent = { member: agents.member("dataplex") };
    const { projectId } = environment;
    const usable = [
      warehouse.grant(this, "reader", agent, "roles/bigquery.dataViewer"),
      grantOnProject(this, "queries", { projectId, grantee: agent, role: "roles/bigquery.jobUser" }),
    ];
    const scans = props.tables.flatMap((table) => [
      ...this.quality(table, props),
      ...(table.audience === "business" ? [this.profile(table, props)] : []),
    ]);
    this.ids = scans.map(({ dataScanId }) => dataScanId);
    const prefix = `${APPLICATION}-${environment.name}-`;
    for (const config of scans) {
      const id = config.dataScanId.slice(prefix.length);
      const scan = new DataplexDatascan(this, id, { ...config, dependsOn: usable });
      // On each scan: the deploy account may grant ten roles on the project and no more.
      new DataplexDatascanIamMember(this, `starter-${id}`, {
        dataScanId: scan.dataScanId,
        location: scan.location,
        role: customRole(environment, "scanStarter"),
        member: identities.orchestrator.member,
      });
    }
  }

  private common(table: Table, kind: string, { environment, warehouse }: DataScansProps) {
    const { name, projectId, region } = environment;
    return {
      dataScanId: resourceName(name, `${kind}-${table.name.replaceAll("_", "-")}`),
      location: region,
      displayName: `${table.name}: ${kind}`,
      data: {
        resource: `//bigquery.googleapis.com/projects/${projectId}/datasets/${warehouse.datasetId}/tables/${table.name}`,
      },
      executionSpec: { trigger: { onDemand: {} } },
    };
  }

  private quality(table: Table, props: DataScansProps): DataplexDatascanConfig[] {
    const rules = scanRules(table);
    if (rules.length === 0) return [];
    const filter = rowFilter(table, props.days);
    return [
      {
        ...this.common(table, "quality", props),
        dataQualitySpec: { rules, ...(filter !== undefined && { rowFilter: filter }) },
      },
    ];
  }

  private profile(table: Table, props: DataScansProps): DataplexDatascanConfig {
    const filter = rowFilter(table, props.days);
    // A profile shows frequent values, which personal data must not be among.
    const personal = table.columns.filter((column) => column.personal !== undefined).map(({ name }) => name);
    return {
      ...this.common(table, "profile", props),
      dataProfileSpec: {
        ...(filter !== undefined && { rowFilter: filter }),
        ...(personal.length > 0 && { excludeFields: { fieldNames: personal } }),
      },
    };
  }
}

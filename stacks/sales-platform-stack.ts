import { GoogleProvider } from "@cdktf/provider-google/lib/provider";
import { Annotations, Aspects, GcsBackend, TerraformOutput, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { Access } from "../constructs/access/platform-access";
import { Apis, platformApis, WaitForApis } from "../constructs/foundation/apis";
import { ArtifactFiles } from "../constructs/lake/artifact-files";
import { JobArtifacts } from "../constructs/lake/job-artifacts";
import { Audit } from "../constructs/operations/audit-log";
import { Budget } from "../constructs/operations/monthly-budget";
import { ChannelsSecret } from "../constructs/orchestration/notification-secret";
import { Database } from "../constructs/database/database";
import { Firewall } from "../constructs/network/firewall";
import { Guardrails } from "../constructs/guardrails/guardrails";
import { Identities } from "../constructs/identity/identities";
import { Keys } from "../constructs/encryption/keys";
import { LabelEverything } from "../constructs/foundation/labels";
import { LakeStorage } from "../constructs/lake/lake-storage";
import { stateBucketName } from "../environments/naming";
import { Network } from "../constructs/network/network";
import { Observability } from "../constructs/observability/observability";
import { Orchestration } from "../constructs/orchestration/composer";
import { PrivateDns } from "../constructs/network/private-dns";
import { Processing } from "../constructs/processing/spark-cluster";
import { Savings } from "../constructs/operations/office-hours-schedule";
import { DatabaseSecret } from "../constructs/database/database-secret";
import { ServiceAgents } from "../constructs/identity/service-agents";
import { Table } from "../constructs/warehouse/table-catalog";
import { Warehouse } from "../constructs/warehouse/warehouse";
import { WarehouseAccess } from "../constructs/warehouse/warehouse-access";
import { Environment } from "../environments/environment";

export interface SalesPlatformStackProps {
  readonly environment: Environment;
  /** Files that the stack ships. */
  readonly files: ArtifactFiles;
  /** Published tables of the catalog. */
  readonly tables: readonly Table[];
}

/** One environment of the platform, by layers: the one place that wires the constructs. */
export class SalesPlatformStack extends TerraformStack {
  constructor(scope: Construct, id: string, props: SalesPlatformStackProps) {
    super(scope, id);
    const { environment, files, tables } = props;
    new GoogleProvider(this, "google", { project: environment.projectId, region: environment.region });
    new GcsBackend(this, { bucket: stateBucketName(environment.projectId), prefix: "sales-platform" });

    // What everything stands on.
    const apis = new Apis(this, "apis", platformApis(environment));
    const agents = new ServiceAgents(this, "agents", environment.projectId);
    const keys = new Keys(this, "keys", { environment, agents });
    const identities = new Identities(this, "identities", environment);
    const network = new Network(this, "network", { environment });
    const firewall = new Firewall(this, "firewall", { environment, network, identities });
    const dns = new PrivateDns(this, "dns", { environment, network });
    const reachable = [...network.dependables, ...firewall.dependables, ...dns.dependables];

    // Where data arrives, and what travels with it.
    const lake = new LakeStorage(this, "lake", { environment, keys });
    const artifacts = new JobArtifacts(this, "artifacts", { lake, files });

    // Reference data, and the password to it.
    const secret = new DatabaseSecret(this, "secrets", { environment, keys, agents });
    const channels = new ChannelsSecret(this, "channels", { environment, keys });
    const database = new Database(this, "database", { environment, network, dns, keys });

    // What runs, and where the figures land.
    const access = new Access(this, "access", { environment, identities, lake, secret, channels });
    const processing = new Processing(this, "processing", {
      environment,
      network,
      lake,
      identities,
      keys,
      after: [...access.processing, ...reachable],
    });
    const warehouse = new Warehouse(this, "warehouse", { environment, keys, tables });
    new WarehouseAccess(this, "warehouse-access", { environment, identities, warehouse, tables });

    if (environment.officeHours) {
      new Savings(this, "savings", {
        environment,
        hours: environment.officeHours,
        identities,
        database,
        processing,
      });
    }

    // Who starts it every day.
    const parts = {
      environment,
      lake,
      identities,
      secret,
      channels,
      database,
      warehouse,
      processing,
      artifacts,
    };
    const orchestration = new Orchestration(this, "orchestration", {
      environment,
      network,
      lake,
      identities,
      keys,
      parts,
      after: [...access.orchestrator, ...reachable],
    });

    // How it is seen, audited and bounded in cost.
    const { channels: told } = new Observability(this, "observability", {
      environment,
      database,
      processing,
      warehouse,
      orchestration,
    });
    new Audit(this, "audit", { environment, keys });
    const { billingAccount } = environment.operations;
    if (billingAccount === undefined) {
      Annotations.of(this).addWarning(
        `${environment.name}: no budget: set SALES_${environment.name.toUpperCase()}_BILLING_ACCOUNT to the billing account that pays`,
      );
    } else {
      new Budget(this, "budget", { environment, billingAccount, agents, channels: told.ids });
    }

    this.output("data_bucket", lake.data.bucketName, "Bucket of the lake and the job's files");
    this.output("bigquery_dataset", warehouse.datasetId, "Dataset of the tables and views");
    this.output("dataproc_cluster", processing.clusterName, "Cluster that runs the job");
    this.output("database_instance", database.instanceName, "Cloud SQL instance of the reference data");
    this.output("database_host", database.host, "Private DNS name of the database");
    this.output("sql_password_secret", secret.secretId, "Secret that holds the database password");
    this.output("composer_environment", orchestration.environmentName, "Composer environment");
    this.output("airflow_uri", orchestration.composer.config.airflowUri, "Address of the Airflow page");

    if (environment.protection === "decommissioning") {
      Annotations.of(this).addWarning(
        `${environment.name}: decommissioning: every deletion protection is off`,
      );
    }
    Aspects.of(this).add(new LabelEverything(this, environment));
    Aspects.of(this).add(new WaitForApis(apis));
    Aspects.of(this).add(new Guardrails(environment));
  }

  private output(name: string, value: string, description: string): void {
    new TerraformOutput(this, `output-${name}`, { value, description }).overrideLogicalId(name);
  }
}

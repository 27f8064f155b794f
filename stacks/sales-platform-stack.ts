import { GoogleProvider } from "@cdktf/provider-google/lib/provider";
import { Annotations, Aspects, GcsBackend, TerraformOutput, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { PlatformAccess } from "../constructs/access/platform-access";
import { DataScans } from "../constructs/catalog/data-scans";
import { KnowledgeCatalog } from "../constructs/catalog/knowledge-catalog";
import { Words } from "../constructs/catalog/words";
import { Database } from "../constructs/database/database";
import { DatabaseAuthority } from "../constructs/database/database-authority";
import { DatabaseSecret } from "../constructs/database/database-secret";
import { Keys } from "../constructs/encryption/keys";
import { Apis, platformApis, WaitForApis } from "../constructs/foundation/apis";
import { LabelEverything } from "../constructs/foundation/labels";
import { Guardrails } from "../constructs/guardrails/guardrails";
import { identitiesOf } from "../constructs/identity/identities";
import { REQUESTED_AGENTS, ServiceAgents } from "../constructs/identity/service-agents";
import { ArtifactFiles } from "../constructs/lake/artifact-files";
import { JobArtifacts } from "../constructs/lake/job-artifacts";
import { LakeStorage } from "../constructs/lake/lake-storage";
import { Firewall } from "../constructs/network/firewall";
import { Network } from "../constructs/network/network";
import { PrivateDns } from "../constructs/network/private-dns";
import { Observability } from "../constructs/observability/observability";
import { AuditLog } from "../constructs/operations/audit-log";
import { MonthlyBudget } from "../constructs/operations/monthly-budget";
import { OfficeHoursSchedule } from "../constructs/operations/office-hours-schedule";
import { chargedProvider } from "../constructs/foundation/charged-provider";
import { Composer } from "../constructs/orchestration/composer";
import { dagSettings } from "../constructs/orchestration/dag-settings";
import { NotificationSecret } from "../constructs/orchestration/notification-secret";
import { OrganizationPolicies } from "../constructs/organization/organization-policies";
import { SecurityFindings } from "../constructs/organization/security-findings";
import { ServicePerimeter } from "../constructs/organization/service-perimeter";
import { SparkCluster } from "../constructs/processing/spark-cluster";
import { SalesStream } from "../constructs/streaming/sales-stream";
import { CustomerKey } from "../constructs/warehouse/customer-key";
import { RecoveryCopy } from "../constructs/warehouse/recovery-copy";
import { Table } from "../constructs/warehouse/table";
import { View } from "../constructs/warehouse/views";
import { Warehouse } from "../constructs/warehouse/warehouse";
import { WarehouseAccess } from "../constructs/warehouse/warehouse-access";
import { Environment } from "../environments/environment";
import { stateBucketName } from "../environments/naming";
import { placeholdersOf } from "../environments/placeholders";

export interface SalesPlatformStackProps {
  readonly environment: Environment;
  /** Files that the stack ships. */
  readonly files: ArtifactFiles;
  /** Published tables of the catalog. */
  readonly tables: readonly Table[];
  /** Streamed tables of the catalog. */
  readonly streamed: readonly Table[];
  /** Views of the catalog. */
  readonly views: readonly View[];
  /** Measures, terms and checks of the catalog. */
  readonly words: Words;
  /**
   * Repository that holds the runbooks, `owner/name`; alerts link to it.
   * @default - alerts name the page without a link
   */
  readonly repository?: string;
}

/** One environment of the platform, layer by layer. This is the only place that connects constructs with each other. */
export class SalesPlatformStack extends TerraformStack {
  constructor(scope: Construct, id: string, props: SalesPlatformStackProps) {
    super(scope, id);
    const { environment, files, tables, streamed, words, repository } = props;
    new GoogleProvider(this, "google", { project: environment.projectId, region: environment.region });
    new GcsBackend(this, { bucket: stateBucketName(environment.projectId), prefix: "sales-platform" });

    // Foundation: APIs, accounts, keys, network.
    const { projectId } = environment;
    const used = platformApis(environment);
    const apis = new Apis(this, "apis", {
      projectId,
      apis: used,
      agentsOf: REQUESTED_AGENTS.filter((api) => used.includes(api)),
    });
    const agents = new ServiceAgents(this, "agents", { projectId, apis });
    const keys = new Keys(this, "keys", { environment, agents });
    const identities = identitiesOf(environment);
    const network = new Network(this, "network", { environment });
    const firewall = new Firewall(this, "firewall", { environment, network, identities });
    const dns = new PrivateDns(this, "dns", { environment, network });
    /** Machines in the subnets reach Google's APIs and each other once these exist. */
    const connectivity = [...network.dependables, ...firewall.dependables, ...dns.dependables];

    // Storage: the lake with the files of the job, secrets, the database of the reference data, the warehouse.
    const lake = new LakeStorage(this, "lake", { environment, keys });
    /** A use of the key that fails at once, not after half an hour. */
    const proven = [lake.staging.bucket];
    const artifacts = new JobArtifacts(this, "artifacts", { lake, files });
    const databaseSecret = new DatabaseSecret(this, "secrets", { environment, keys, agents });
    const notificationSecret = new NotificationSecret(this, "channels", { environment, keys });
    const database = new Database(this, "database", { environment, network, dns, keys, after: proven });
    new DatabaseAuthority(this, "database-authority", { database, bucket: lake.data });
    const customerKey = new CustomerKey(this, "customer-key", { environment, keys });
    const { streaming } = environment;
    // Without messages there is no view of them.
    const views = props.views.filter(
      ({ sources }) => streaming !== undefined || !streamed.some(({ name }) => sources.includes(name)),
    );
    const stream =
      streaming &&
      new SalesStream(this, "stream", { environment, streaming, keys, agents, tables: streamed, views });
    const warehouse = new Warehouse(this, "warehouse", { environment, keys, tables, views, stream });
    const { recoveryRegion } = environment;
    const recoveryCopy =
      environment.warehouse.crossRegion && recoveryRegion !== undefined
        ? new RecoveryCopy(this, "recovery-copy", { environment, recoveryRegion, keys, identities })
        : undefined;
    if (environment.warehouse.catalog) {
      const { projectNumber } = agents;
      new KnowledgeCatalog(this, "catalog", { environment, projectNumber, warehouse, tables, views, words });
    }
    const { scans: wanted } = environment.warehouse;
    const scans =
      wanted &&
      new DataScans(this, "scans", { environment, ...wanted, warehouse, tables, identities, agents });

    // Access: roles of the workloads and of the readers.
    const access = new PlatformAccess(this, "access", {
      environment,
      identities,
      lake,
      databaseSecret,
      notificationSecret,
      customerKey,
      stream,
    });
    new WarehouseAccess(this, "warehouse-access", { environment, identities, warehouse });

    // Compute: the cluster, the database's office hours, and Composer, which starts the daily run.
    const cluster = new SparkCluster(this, "processing", {
      environment,
      network,
      lake,
      identities,
      keys,
      after: [...access.processing, ...connectivity, ...proven],
    });
    if (environment.officeHours) {
      new OfficeHoursSchedule(this, "savings", {
        environment,
        hours: environment.officeHours,
        identities,
        database,
      });
    }
    const composer = new Composer(this, "orchestration", {
      environment,
      network,
      lake,
      identities,
      keys,
      dagSettings: dagSettings({
        environment,
        lake,
        artifacts,
        identities,
        databaseSecret,
        notificationSecret,
        customerKey,
        database,
        warehouse,
        cluster,
        recoveryCopy,
        scans,
      }),
      after: [...access.orchestrator, ...connectivity, ...proven],
    });

    // Operations: monitoring, audit log, budget.
    const { emailChannels } = new Observability(this, "observability", {
      environment,
      database,
      cluster,
      warehouse,
      composer,
      repository,
    });
    new AuditLog(this, "audit", { environment, identities, keys });
    const { billingAccount } = environment.operations;
    if (billingAccount !== undefined) {
      const channels = emailChannels.names;
      new MonthlyBudget(this, "budget", { environment, billingAccount, agents, channels });
    }

    // What the organization around the project enforces, where its ids are given.
    const { organizationId, accessPolicyId } = environment.organization;
    if (organizationId !== undefined || accessPolicyId !== undefined) {
      const provider = chargedProvider(this, "organization", environment);
      if (organizationId !== undefined) {
        new OrganizationPolicies(this, "policies", { environment, provider });
        new SecurityFindings(this, "findings", { environment, keys, provider });
      }
      if (accessPolicyId !== undefined) {
        new ServicePerimeter(this, "perimeter", {
          environment,
          accessPolicyId,
          projectNumber: agents.projectNumber,
          identities,
          provider,
          after: [composer.composer],
        });
      }
    }

    this.output("data_bucket", lake.data.bucketName, "Bucket of the lake and the job's files");
    this.output("bigquery_dataset", warehouse.datasetId, "Dataset of the tables and views");
    this.output("dataproc_cluster", cluster.clusterName, "Cluster that runs the job");
    this.output("database_instance", database.instanceName, "Cloud SQL instance of the reference data");
    this.output("database_host", database.host, "Private DNS name of the database");
    this.output("sql_password_secret", databaseSecret.secretId, "Secret that holds the database password");
    this.output("composer_environment", composer.environmentName, "Composer environment");
    this.output("airflow_uri", composer.composer.config.airflowUri, "Address of the Airflow page");

    const warnings = warningsAbout(environment);
    if (warnings.length > 0) Annotations.of(this).addWarning(`${environment.name}: ${warnings.join("; ")}`);
    Aspects.of(this).add(new LabelEverything(this, environment));
    Aspects.of(this).add(new WaitForApis(apis));
    Aspects.of(this).add(new Guardrails(environment));
  }

  private output(name: string, value: string, description: string): void {
    new TerraformOutput(this, `output-${name}`, { value, description }).overrideLogicalId(name);
  }
}

/** What an owner has to know of an environment's settings; printed as one line at every synth. */
function warningsAbout(environment: Environment): string[] {
  const { name, operations, protection } = environment;
  const placeholders = placeholdersOf(environment).map(({ field }) => field);
  return [
    ...(protection === "decommissioning" ? ["decommissioning: every deletion protection is off"] : []),
    ...(placeholders.length > 0
      ? [`placeholders in ${placeholders.join(", ")}: see docs/runbooks/first-deployment.md`]
      : []),
    ...(operations.billingAccount === undefined
      ? [`no budget: set SALES_${name.toUpperCase()}_BILLING_ACCOUNT to the billing account that pays`]
      : []),
  ];
}

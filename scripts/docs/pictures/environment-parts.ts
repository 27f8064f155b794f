import { Attributes, Resources } from "../stack-graph";

/** A box of the picture: the resources whose logical ids begin with one of `ids`. */
export interface Part {
  readonly name: string;
  /** Place from left to right. */
  readonly column: number;
  /** Folder of `constructs/` that makes it; parts without one are drawn outside the frames. */
  readonly domain?: string;
  readonly kind: string;
  readonly title: string;
  readonly ids: readonly string[];
  /** What the stack says about it, in short lines. */
  readonly lines?: (own: Resources) => string[];
}

const ofType = (own: Resources, type: string): Attributes[] =>
  [...own].filter(([address]) => address.startsWith(`${type}.`)).map(([, item]) => item);
const counted = (own: Resources, type: string, noun: string): string[] => {
  const count = ofType(own, type).length;
  return count === 0 ? [] : [`${count} ${noun}${count === 1 ? "" : "s"}`];
};
const names = (own: Resources, type: string, attribute: string): string[] =>
  ofType(own, type)
    .map((item) => String(item[attribute]))
    .sort();
const folders = (own: Resources): string[] => {
  const all = names(own, "google_storage_managed_folder", "name").map((name) => name.replace(/\/$/, ""));
  return all.filter((name) => !all.some((other) => other.startsWith(`${name}/`)));
};
const account = (name: string): string => `runs as: ${name}`;

/** Every part of an environment that the picture shows, in the order of the data. */
export const PARTS: readonly Part[] = [
  {
    name: "ingest",
    column: 0,
    kind: "account ingest",
    title: "Source system",
    ids: ["identities_ingest"],
    lines: () => ["delivers CSV files"],
  },
  {
    name: "data",
    column: 1,
    domain: "lake",
    kind: "Cloud Storage",
    title: "data bucket",
    ids: ["lake_data"],
    lines: folders,
  },
  {
    name: "archive",
    column: 1,
    domain: "lake",
    kind: "Cloud Storage",
    title: "archive bucket",
    ids: ["lake_archive"],
    lines: folders,
  },
  {
    name: "staging",
    column: 1,
    domain: "lake",
    kind: "Cloud Storage",
    title: "staging bucket",
    ids: ["lake_staging"],
    lines: folders,
  },
  {
    name: "temp",
    column: 1,
    domain: "lake",
    kind: "Cloud Storage",
    title: "temp bucket",
    ids: ["lake_temp"],
  },
  {
    name: "composer-bucket",
    column: 1,
    domain: "lake",
    kind: "Cloud Storage",
    title: "Composer bucket",
    ids: ["lake_composer"],
    lines: () => ["dags/"],
  },
  {
    name: "report",
    column: 4,
    domain: "lake",
    kind: "Cloud Storage",
    title: "report bucket",
    ids: ["lake_report"],
    lines: () => ["report.html"],
  },
  {
    name: "spark",
    column: 2,
    domain: "processing",
    kind: "Dataproc",
    title: "Spark cluster",
    ids: ["processing", "identities_processing"],
    lines: () => [account("processing")],
  },
  {
    name: "composer",
    column: 2,
    domain: "orchestration",
    kind: "Composer",
    title: "Airflow",
    ids: ["orchestration", "identities_orchestrator"],
    lines: () => [account("orchestrator")],
  },
  {
    name: "channels",
    column: 1,
    domain: "orchestration",
    kind: "Secret Manager",
    title: "notification secret",
    ids: ["channels"],
    lines: () => ["mail and chat addresses"],
  },
  {
    name: "postgres",
    column: 4,
    domain: "database",
    kind: "Cloud SQL",
    title: "PostgreSQL",
    ids: ["database"],
    lines: () => ["products, stores"],
  },
  {
    name: "password",
    column: 4,
    domain: "database",
    kind: "Secret Manager",
    title: "database password",
    ids: ["secrets_password"],
  },
  {
    name: "rotation",
    column: 4,
    domain: "database",
    kind: "Pub/Sub",
    title: "rotation requests",
    ids: ["secrets_rotation", "secrets_rotation-requests"],
  },
  {
    name: "operator",
    column: 3,
    kind: "account operator",
    title: "Operator",
    ids: ["identities_operator"],
    lines: () => ["rotates, restores,", "starts, stops"],
  },
  {
    name: "dataset",
    column: 3,
    domain: "warehouse",
    kind: "BigQuery",
    title: "dataset of the tables",
    ids: ["warehouse"],
    lines: (own) => names(own, "google_bigquery_table", "table_id"),
  },
  {
    name: "stream",
    column: 2,
    domain: "streaming",
    kind: "Pub/Sub, BigQuery",
    title: "sales messages",
    ids: ["stream"],
    lines: (own) => names(own, "google_bigquery_table", "table_id"),
  },
  {
    name: "customer-key",
    column: 3,
    domain: "warehouse",
    kind: "Secret Manager",
    title: "customer key",
    ids: ["customer-key"],
    lines: () => ["made by the first run"],
  },
  {
    name: "catalog",
    column: 3,
    domain: "catalog",
    kind: "Knowledge Catalog",
    title: "entries, glossary, scans",
    ids: ["catalog", "scans"],
    lines: (own) => [
      ...counted(own, "google_dataplex_entry", "table entry").map((line) =>
        line.replace("entrys", "entries"),
      ),
      ...counted(own, "google_dataplex_glossary_term", "term"),
    ],
  },
  {
    name: "schedule",
    column: 3,
    domain: "operations",
    kind: "Cloud Scheduler",
    title: "office hours",
    ids: ["savings", "identities_caretaker"],
    lines: () => [account("caretaker")],
  },
  {
    name: "audit",
    column: 3,
    domain: "operations",
    kind: "Cloud Logging, BigQuery",
    title: "audit log",
    ids: ["audit"],
    lines: (own) => counted(own, "google_project_iam_audit_config", "audited service"),
  },
  {
    name: "budget",
    column: 3,
    domain: "operations",
    kind: "Billing",
    title: "monthly budget",
    ids: ["budget"],
  },
  {
    name: "metrics",
    column: 3,
    domain: "observability",
    kind: "Cloud Logging",
    title: "log metrics",
    ids: ["observability_metrics"],
    lines: (own) => counted(own, "google_logging_metric", "metric"),
  },
  {
    name: "alerts",
    column: 4,
    domain: "observability",
    kind: "Cloud Monitoring",
    title: "alerts, dashboard",
    ids: ["observability_alerts", "observability_dashboard", "observability_objectives"],
    lines: (own) => [
      ...counted(own, "google_monitoring_alert_policy", "alert"),
      ...counted(own, "google_monitoring_slo", "objective"),
    ],
  },
  {
    name: "email",
    column: 4,
    domain: "observability",
    kind: "Cloud Monitoring",
    title: "e-mail",
    ids: ["observability_channels"],
  },
  {
    name: "network",
    column: 1,
    domain: "network",
    kind: "VPC",
    title: "subnets, NAT, firewall, DNS",
    ids: ["network", "firewall", "dns"],
    lines: (own) => [
      ...counted(own, "google_compute_subnetwork", "subnet"),
      ...counted(own, "google_compute_firewall", "firewall rule"),
      ...counted(own, "google_dns_managed_zone", "private zone"),
    ],
  },
  {
    name: "keys",
    column: 2,
    domain: "encryption",
    kind: "Cloud KMS",
    title: "keys",
    ids: ["keys"],
    lines: (own) => [...counted(own, "google_kms_crypto_key", "key"), "for every part with ◆"],
  },
];

/** First words of the logical ids that the picture leaves out: API services, shipped files, roles. */
export const NOT_DRAWN = ["apis", "artifacts", "access", "warehouse-access"];

/** The direction in which data flows for a role on a store. */
export const DATA_ROLES: Readonly<Record<string, "read" | "write" | "both">> = {
  "roles/bigquery.dataEditor": "write",
  "roles/bigquery.dataViewer": "read",
  "roles/pubsub.publisher": "write",
  "roles/pubsub.subscriber": "read",
  "roles/storage.objectCreator": "write",
  "roles/storage.objectUser": "both",
  "roles/storage.objectViewer": "read",
};

/** What an account may do to a part, by role; `on` where the role is granted on the project. */
export const CONTROL_ROLES: Readonly<Record<string, { verb: string; on?: readonly string[] }>> = {
  "roles/iam.serviceAccountTokenCreator": { verb: "acts as" },
  "roles/iam.serviceAccountUser": { verb: "" },
  "roles/secretmanager.secretAccessor": { verb: "reads" },
  "roles/secretmanager.secretVersionAdder": { verb: "makes" },
  databaseUsers: { verb: "sets users, reads backups", on: ["postgres"] },
  jobSubmitter: { verb: "starts, stops, submits the job", on: ["spark"] },
  officeHours: { verb: "starts, stops", on: ["postgres"] },
  passwordRotator: { verb: "adds versions" },
  scanStarter: { verb: "starts scans", on: ["catalog"] },
  restoreDrill: { verb: "restores a copy", on: ["postgres"] },
};

/** Roles that let a service do its own work in the project; they say nothing about a store. */
export const OWN_WORK = [
  "jobReader",
  "roles/bigquery.jobUser",
  "roles/bigquery.metadataViewer",
  "roles/bigquery.readSessionUser",
  "roles/bigquerydatapolicy.maskedReader",
  "roles/composer.worker",
  "roles/datacatalog.categoryFineGrainedReader",
  "roles/datalineage.producer",
  "roles/dataproc.worker",
  "roles/storage.legacyBucketReader",
];

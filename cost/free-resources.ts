import { Block } from "./synthesized-stack";

interface Free {
  readonly reason: string;
  /** Only such resources of the type are free; others are not estimated. */
  readonly when?: (attributes: Block) => boolean;
}

const ACCESS = "access rules cost nothing";
const NAMES = "a network's shape costs nothing; what runs in it and its logs do";
const SEEN = "charts, channels and objectives cost nothing; the metrics and conditions do";

/** Types without a price of their own, and why. A type that is in neither list is not estimated. */
export const FREE: Readonly<Record<string, Free>> = {
  google_bigquery_dataset_iam_member: { reason: ACCESS },
  google_bigquery_table: { reason: "its bytes are counted with the dataset" },
  google_bigquery_table_iam_member: { reason: ACCESS },
  google_billing_budget: { reason: "budgets cost nothing" },
  google_billing_account_iam_member: { reason: ACCESS },
  google_compute_firewall: { reason: NAMES },
  google_compute_global_address: {
    reason: "a range of private addresses",
    when: ({ address_type }) => address_type === "INTERNAL",
  },
  google_compute_network: { reason: NAMES },
  google_compute_router: { reason: "the gateway on it is what costs" },
  google_dataproc_autoscaling_policy: { reason: "its workers are counted with the cluster" },
  google_dns_record_set: { reason: "counted with the zone" },
  google_iam_workload_identity_pool: { reason: ACCESS },
  google_iam_workload_identity_pool_provider: { reason: ACCESS },
  google_kms_crypto_key_iam_member: { reason: ACCESS },
  google_kms_key_ring: { reason: "the keys in it are what costs" },
  google_logging_project_sink: { reason: "what it writes is counted where it arrives" },
  google_monitoring_custom_service: { reason: SEEN },
  google_monitoring_dashboard: { reason: SEEN },
  google_monitoring_notification_channel: { reason: SEEN },
  google_monitoring_slo: { reason: SEEN },
  google_project_iam_custom_role: { reason: ACCESS },
  google_project_iam_member: { reason: ACCESS },
  google_project_service: { reason: "an API costs by what is done with it" },
  google_pubsub_subscription: { reason: "its messages are counted with the topic" },
  google_pubsub_subscription_iam_member: { reason: ACCESS },
  google_pubsub_topic_iam_member: { reason: ACCESS },
  google_secret_manager_secret_iam_member: { reason: ACCESS },
  google_service_account: { reason: ACCESS },
  google_service_account_iam_member: { reason: ACCESS },
  google_service_networking_connection: { reason: NAMES },
  google_sql_database: { reason: "counted with the instance" },
  google_storage_bucket_iam_member: { reason: ACCESS },
  google_storage_bucket_object: { reason: "its bytes are counted with the bucket" },
  google_storage_managed_folder: { reason: ACCESS },
  google_storage_managed_folder_iam_member: { reason: ACCESS },
};

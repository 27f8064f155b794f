import { Block } from "./synthesized-stack";

interface Free {
  readonly reason: string;
  /** Only resources of the type that meet this condition are free; others are not estimated. */
  readonly when?: (attributes: Block) => boolean;
}

const ACCESS = "access rules are free";
const NETWORK = "networks are free; the resources in them and their logs are not";
/** Knowledge Catalog bills enriched metadata by the GiB and month: https://cloud.google.com/dataplex/pricing */
const METADATA = "a few kilobytes of metadata, billed by the GiB";
const MONITORING = "charts, channels and objectives are free; metrics and conditions are not";

/** Resource types without a price of their own, with the reason. A type that is in neither list is not estimated. */
export const FREE: Readonly<Record<string, Free>> = {
  google_bigquery_datapolicy_data_policy: { reason: ACCESS },
  google_bigquery_datapolicy_data_policy_iam_member: { reason: ACCESS },
  google_bigquery_dataset_access: { reason: ACCESS },
  google_bigquery_dataset_iam_member: { reason: ACCESS },
  google_bigquery_table: { reason: "its bytes are in the dataset's line" },
  google_bigquery_table_iam_member: { reason: ACCESS },
  google_billing_budget: { reason: "budgets are free" },
  google_billing_account_iam_member: { reason: ACCESS },
  google_compute_global_address: {
    reason: "a range of private addresses",
    when: ({ address_type }) => address_type === "INTERNAL",
  },
  google_compute_network: { reason: NETWORK },
  google_compute_network_firewall_policy: { reason: NETWORK },
  google_compute_network_firewall_policy_association: { reason: NETWORK },
  google_compute_network_firewall_policy_rule: { reason: "billed by the bytes of a few messages a day" },
  google_compute_router: { reason: "the NAT gateway on it has the price" },
  google_data_catalog_policy_tag: { reason: ACCESS },
  google_data_catalog_policy_tag_iam_member: { reason: ACCESS },
  google_data_catalog_taxonomy: { reason: ACCESS },
  google_dataplex_aspect_type: { reason: METADATA },
  google_dataplex_datascan_iam_member: { reason: ACCESS },
  google_dataplex_entry: { reason: METADATA },
  google_dataplex_entry_group: { reason: METADATA },
  google_dataplex_entry_type: { reason: METADATA },
  google_dataplex_glossary: { reason: METADATA },
  google_dataplex_glossary_term: { reason: METADATA },
  google_dataproc_autoscaling_policy: { reason: "its workers are in the cluster's lines" },
  google_dns_record_set: { reason: "included in the zone" },
  google_iam_workload_identity_pool: { reason: ACCESS },
  google_iam_workload_identity_pool_provider: { reason: ACCESS },
  google_kms_crypto_key_iam_member: { reason: ACCESS },
  google_kms_key_ring: { reason: "the keys in it have the price" },
  google_logging_project_exclusion: { reason: "it only leaves entries out" },
  google_logging_project_sink: { reason: "its log entries are counted at their destination" },
  google_monitoring_custom_service: { reason: MONITORING },
  google_monitoring_dashboard: { reason: MONITORING },
  google_monitoring_notification_channel: { reason: MONITORING },
  google_monitoring_slo: { reason: MONITORING },
  google_project_iam_custom_role: { reason: ACCESS },
  google_project_iam_member: { reason: ACCESS },
  google_project_service: { reason: "APIs are billed by use" },
  google_pubsub_schema: { reason: "schemas are free" },
  google_pubsub_subscription: { reason: "its messages are in the topic's line" },
  google_pubsub_subscription_iam_member: { reason: ACCESS },
  google_pubsub_topic_iam_member: { reason: ACCESS },
  google_secret_manager_secret_iam_member: { reason: ACCESS },
  google_service_account: { reason: ACCESS },
  google_service_account_iam_member: { reason: ACCESS },
  google_service_networking_connection: { reason: NETWORK },
  google_sql_database: { reason: "included in the instance" },
  google_storage_bucket_iam_member: { reason: ACCESS },
  google_storage_bucket_object: { reason: "its bytes are in the bucket's lines" },
  google_storage_managed_folder: { reason: ACCESS },
  google_storage_managed_folder_iam_member: { reason: ACCESS },
  terraform_data: { reason: "a pause in an apply, nothing in the cloud" },
};

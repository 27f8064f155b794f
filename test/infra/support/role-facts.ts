import PREDEFINED from "../../../scripts/docs/predefined-roles.json";

/**
 * Permissions to create, read, update and delete a resource of each type, from Google's reference of permissions
 * (cloud.google.com/iam/docs/roles-permissions).
 */

const of = (thing: string, ...actions: string[]): string[] =>
  (actions.length > 0 ? actions : ["create", "get", "update", "delete"]).map(
    (action) => `${thing}.${action}`,
  );

const policyOf = (thing: string): string[] => of(thing, "getIamPolicy", "setIamPolicy");

/** Needed to create anything that runs as a service account. */
const ACT_AS = "iam.serviceAccounts.actAs";

export const MAKES: Readonly<Record<string, readonly string[]>> = {
  google_bigquery_bi_reservation: of("bigquery.bireservations", "get", "update"),
  google_bigquery_datapolicy_data_policy: of("bigquery.dataPolicies"),
  google_bigquery_datapolicy_data_policy_iam_member: policyOf("bigquery.dataPolicies"),
  google_bigquery_dataset: of("bigquery.datasets"),
  google_bigquery_dataset_iam_member: [...policyOf("bigquery.datasets"), "bigquery.datasets.update"],
  google_bigquery_dataset_access: ["bigquery.datasets.get", "bigquery.datasets.update"],
  google_bigquery_reservation: of("bigquery.reservations"),
  google_bigquery_reservation_assignment: of("bigquery.reservationAssignments", "create", "list", "delete"),
  // The category: policy tags of columns.
  google_bigquery_table: of("bigquery.tables", "create", "get", "update", "delete", "setCategory"),
  google_bigquery_table_iam_member: policyOf("bigquery.tables"),
  google_cloud_scheduler_job: [...of("cloudscheduler.jobs"), ACT_AS],
  google_composer_environment: [...of("composer.environments"), "composer.operations.get", ACT_AS],
  google_compute_network_firewall_policy: [
    ...of("compute.firewallPolicies"),
    "compute.networks.setFirewallPolicy",
  ],
  google_compute_network_firewall_policy_association: [
    "compute.firewallPolicies.use",
    "compute.firewallPolicies.get",
  ],
  google_compute_network_firewall_policy_rule: [
    "compute.firewallPolicies.get",
    "compute.firewallPolicies.update",
  ],
  google_compute_firewall: [...of("compute.firewalls"), "compute.networks.updatePolicy"],
  google_compute_global_address: [
    ...of("compute.globalAddresses", "createInternal", "get", "deleteInternal"),
    "compute.networks.use",
  ],
  google_compute_network: [...of("compute.networks"), "compute.globalOperations.get"],
  google_compute_router: [...of("compute.routers"), "compute.networks.updatePolicy"],
  google_compute_router_nat: [...of("compute.routers", "get", "update"), "compute.subnetworks.use"],
  google_compute_subnetwork: [
    ...of("compute.subnetworks"),
    "compute.subnetworks.setPrivateIpGoogleAccess",
    "compute.regionOperations.get",
  ],
  google_data_catalog_policy_tag: of("datacatalog.taxonomies", "get", "update"),
  google_data_catalog_policy_tag_iam_member: policyOf("datacatalog.categories"),
  google_data_catalog_taxonomy: of("datacatalog.taxonomies"),
  google_dataplex_aspect_type: [...of("dataplex.aspectTypes"), "dataplex.operations.get"],
  google_dataplex_datascan: [...of("dataplex.datascans"), "dataplex.operations.get"],
  google_dataplex_datascan_iam_member: policyOf("dataplex.datascans"),
  google_dataplex_entry: [
    ...of("dataplex.entries"),
    "dataplex.entryTypes.use",
    "dataplex.aspectTypes.use",
    "dataplex.entryGroups.get",
  ],
  google_dataplex_entry_group: [...of("dataplex.entryGroups"), "dataplex.operations.get"],
  google_dataplex_entry_type: [
    ...of("dataplex.entryTypes"),
    "dataplex.aspectTypes.use",
    "dataplex.operations.get",
  ],
  google_dataplex_glossary: [...of("dataplex.glossaries"), "dataplex.operations.get"],
  google_dataplex_glossary_term: of("dataplex.glossaryTerms"),
  google_dataproc_autoscaling_policy: of("dataproc.autoscalingPolicies"),
  google_dataproc_cluster: [
    ...of("dataproc.clusters"),
    "dataproc.autoscalingPolicies.use",
    "dataproc.operations.get",
    ACT_AS,
  ],
  google_dns_managed_zone: [...of("dns.managedZones"), "dns.networks.bindPrivateDNSZone"],
  google_dns_record_set: [
    ...of("dns.changes", "create", "get"),
    ...of("dns.resourceRecordSets", "create", "list", "update", "delete"),
  ],
  google_kms_crypto_key: [
    ...of("cloudkms.cryptoKeys", "create", "get", "update"),
    ...of("cloudkms.cryptoKeyVersions", "list", "destroy"),
  ],
  google_kms_crypto_key_iam_member: policyOf("cloudkms.cryptoKeys"),
  google_kms_key_ring: of("cloudkms.keyRings", "create", "get"),
  google_logging_metric: of("logging.logMetrics"),
  google_logging_project_bucket_config: of("logging.buckets"),
  google_logging_project_exclusion: of("logging.exclusions"),
  google_logging_project_sink: of("logging.sinks"),
  google_monitoring_alert_policy: of("monitoring.alertPolicies"),
  google_monitoring_custom_service: of("monitoring.services"),
  google_monitoring_dashboard: of("monitoring.dashboards"),
  google_monitoring_notification_channel: of("monitoring.notificationChannels"),
  google_monitoring_slo: of("monitoring.slos"),
  google_project_iam_audit_config: policyOf("resourcemanager.projects"),
  google_project_iam_member: policyOf("resourcemanager.projects"),
  google_project_service: [...of("serviceusage.services", "enable", "list"), "serviceusage.operations.get"],
  google_pubsub_schema: [...of("pubsub.schemas", "create", "get", "delete"), "pubsub.schemas.commit"],
  google_pubsub_subscription: [...of("pubsub.subscriptions"), "pubsub.topics.attachSubscription"],
  google_pubsub_subscription_iam_member: policyOf("pubsub.subscriptions"),
  google_pubsub_topic: of("pubsub.topics"),
  google_pubsub_topic_iam_member: policyOf("pubsub.topics"),
  google_secret_manager_secret: of("secretmanager.secrets"),
  google_secret_manager_secret_iam_member: policyOf("secretmanager.secrets"),
  google_service_networking_connection: [
    ...of("servicenetworking.services", "addPeering", "get"),
    "servicenetworking.operations.get",
    "compute.networks.addPeering",
  ],
  google_sql_database: of("cloudsql.databases"),
  google_sql_database_instance: [...of("cloudsql.instances"), "compute.networks.get"],
  google_storage_bucket: of("storage.buckets"),
  google_storage_bucket_iam_member: policyOf("storage.buckets"),
  google_storage_bucket_object: of("storage.objects", "create", "get", "delete"),
  google_storage_managed_folder: of("storage.managedFolders", "create", "get", "delete"),
  google_storage_managed_folder_iam_member: policyOf("storage.managedFolders"),
};

/**
 * Permissions of a predefined role, as Google listed them on the date in the file.
 *
 * @throws for a role that the file lacks: it says how to add one
 */
export function permissionsOf(role: string): string[] {
  const found = (PREDEFINED.roles as Readonly<Record<string, string>>)[role];
  if (found === undefined) throw new Error(`${role} is not in scripts/docs/predefined-roles.json`);
  return found.split(" ");
}

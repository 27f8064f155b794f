/** Attributes that keep a resource on private addresses, by resource type, with their required values. */
export const PRIVATE_ADDRESS_SETTINGS: Readonly<Record<string, Record<string, unknown>>> = {
  google_sql_database_instance: { "settings.ip_configuration.ipv4_enabled": false },
  google_dataproc_cluster: { "cluster_config.gce_cluster_config.internal_ip_only": true },
  google_composer_environment: { "config.enable_private_environment": true },
};

/** Attributes that protect data from deletion, by resource type, with their required values. */
export const DELETION_PROTECTION_SETTINGS: Readonly<Record<string, Record<string, unknown>>> = {
  google_sql_database_instance: { deletion_protection: true, "settings.deletion_protection_enabled": true },
  google_bigquery_table: { deletion_protection: true },
  google_bigquery_dataset: { delete_contents_on_destroy: false },
  google_secret_manager_secret: { deletion_protection: true },
  google_storage_bucket: { force_destroy: false },
};

/** Attribute that names the service account, by resource type. */
export const SERVICE_ACCOUNT_ATTRIBUTE = {
  google_dataproc_cluster: "cluster_config.gce_cluster_config.service_account",
  google_composer_environment: "config.node_config.service_account",
};

/** Attribute that names the encryption key, by resource type. */
export const ENCRYPTION_KEY_ATTRIBUTE = {
  google_bigquery_dataset: "default_encryption_configuration.kms_key_name",
  google_composer_environment: "config.encryption_config.kms_key_name",
  google_dataproc_cluster: "cluster_config.encryption_config.kms_key_name",
  google_pubsub_topic: "kms_key_name",
  google_sql_database_instance: "encryption_key_name",
  google_storage_bucket: "encryption.default_kms_key_name",
};

/** Attribute that holds the labels, by resource type. */
export const LABELS_ATTRIBUTE: Readonly<Record<string, string>> = {
  google_bigquery_dataset: "labels",
  google_bigquery_table: "labels",
  google_composer_environment: "labels",
  google_compute_global_address: "labels",
  google_dataplex_aspect_type: "labels",
  google_dataplex_datascan: "labels",
  google_dataplex_entry_group: "labels",
  google_dataplex_entry_type: "labels",
  google_dataplex_glossary: "labels",
  google_dataplex_glossary_term: "labels",
  google_dataproc_cluster: "labels",
  google_dns_managed_zone: "labels",
  google_kms_crypto_key: "labels",
  google_pubsub_topic: "labels",
  google_secret_manager_secret: "labels",
  google_sql_database_instance: "settings.user_labels",
  google_storage_bucket: "labels",
};

/** Names of columns with personal data. */
export const PERSONAL_NAME =
  /(^|_)(customer_(id|name)|manager_name|(first|last|full)_name|e?mail|phone|birth(day|_date)|iban)$/;

/** Attributes that hold a secret's value, which Terraform would write into plan and state. */
export const SECRET_ATTRIBUTE = /(^|\.)(password|root_password|secret_data|private_key|plaintext)$/;
/** Resource types that can hold a secret's value. */
export const TYPES_WITH_SECRETS =
  /^google_(cloud_(run|scheduler)|cloudfunctions|composer|compute_instance|dataproc|secret_manager_secret_version|service_account_key|sql_(database_instance|user))/;
/** Texts that contain a secret: a private key, or a URL with a password. */
export const SECRET_TEXT = /-----BEGIN [A-Z ]*PRIVATE KEY-----|"private_key"|:\/\/[^/\s:@]+:[^/\s@]+@/;

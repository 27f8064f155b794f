/** Predefined roles that the stack grants on the project; the deploy account may grant these and no others. */
export const PROJECT_ROLES = [
  "roles/bigquery.jobUser",
  "roles/bigquery.readSessionUser",
  "roles/composer.worker",
  "roles/datalineage.producer",
  "roles/dataproc.worker",
] as const;

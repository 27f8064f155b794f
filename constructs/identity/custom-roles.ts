/** Roles of the platform's own, where every predefined role would grant too much. */
export const CUSTOM_ROLES = {
  jobSubmitter: {
    title: "submit jobs, start, stop and replace the cluster",
    permissions: [
      // A cluster that is lost or in error is made again, with the autoscaling policy that it had.
      "dataproc.autoscalingPolicies.get",
      "dataproc.autoscalingPolicies.use",
      "dataproc.clusters.create",
      "dataproc.clusters.delete",
      "dataproc.clusters.get",
      "dataproc.clusters.list",
      "dataproc.clusters.start",
      "dataproc.clusters.stop",
      "dataproc.clusters.use",
      "dataproc.jobs.cancel",
      "dataproc.jobs.create",
      "dataproc.jobs.get",
      "dataproc.jobs.list",
      "dataproc.jobs.update",
      "dataproc.operations.get",
    ],
  },
  jobReader: {
    title: "see the state of jobs",
    permissions: ["dataproc.jobs.get"],
  },
  scanStarter: {
    title: "start scans of the tables and read their results",
    // The last one for rules and results: https://docs.cloud.google.com/bigquery/docs/data-quality-scan
    permissions: ["dataplex.datascans.get", "dataplex.datascans.run", "dataplex.datascans.getData"],
  },
  passwordRotator: {
    title: "rotate the database password",
    permissions: [
      "secretmanager.secrets.get",
      "secretmanager.versions.add",
      "secretmanager.versions.disable",
      "secretmanager.versions.get",
      "secretmanager.versions.list",
    ],
  },
  databaseUsers: {
    title: "database users and backups",
    permissions: [
      "cloudsql.backupRuns.get",
      "cloudsql.backupRuns.list",
      "cloudsql.instances.get",
      "cloudsql.instances.list",
      "cloudsql.users.create",
      "cloudsql.users.list",
      "cloudsql.users.update",
    ],
  },
  restoreDrill: {
    title: "restore into a drill instance",
    permissions: [
      "cloudsql.instances.create",
      "cloudsql.instances.delete",
      "cloudsql.instances.restoreBackup",
    ],
  },
  officeHours: {
    title: "stop and start the database",
    permissions: ["cloudsql.instances.get", "cloudsql.instances.update"],
  },
} as const;

export type CustomRole = keyof typeof CUSTOM_ROLES;

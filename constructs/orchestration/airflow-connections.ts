import { Environment } from "../../environments/environment";

/** Airflow connections that authenticate as Composer's own service account: no key, no password. */
export function airflowConnections(
  environment: Pick<Environment, "projectId" | "region">,
): Readonly<Record<string, string>> {
  const google = (extra: Record<string, string> = {}): string =>
    JSON.stringify({
      conn_type: "google_cloud_platform",
      extra: { project: environment.projectId, num_retries: "5", ...extra },
    });
  return {
    AIRFLOW_CONN_BIGQUERY_DEFAULT: google({ location: environment.region }),
    AIRFLOW_CONN_GOOGLE_CLOUD_DEFAULT: google(),
  };
}

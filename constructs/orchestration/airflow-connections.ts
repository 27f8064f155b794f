import { PlatformParts } from "./platform-parts";

/**
 * Airflow connections by identity: no key, no password. `operator` acts as the operator account, everything else
 * as Composer's own.
 */
export function airflowConnections(parts: PlatformParts): Record<string, string> {
  const { environment, identities } = parts;
  const google = (extra: Record<string, string> = {}): string =>
    JSON.stringify({
      conn_type: "google_cloud_platform",
      extra: { project: environment.projectId, num_retries: "5", ...extra },
    });
  return {
    AIRFLOW_CONN_BIGQUERY_DEFAULT: google({ location: environment.region }),
    AIRFLOW_CONN_GOOGLE_CLOUD_DEFAULT: google(),
    AIRFLOW_CONN_OPERATOR: google({ impersonation_chain: identities.operator.email }),
  };
}

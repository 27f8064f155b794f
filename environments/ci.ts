/** The CI service. It deploys through workload identity federation, without a service account key. */
export const ci = {
  /** Issuer of the OIDC tokens of the service's jobs. */
  issuer: "https://token.actions.githubusercontent.com",
  /** Repository whose jobs may deploy, `owner/name`; each job runs in the GitHub environment of the same name. */
  repository: process.env.SALES_CI_REPOSITORY ?? "example-org/sales-analytics-platform",
  /** Branch whose jobs may deploy. */
  branch: "main",
} as const;

export type CiService = typeof ci;

/** The service that deploys: its tokens are exchanged for the deploy account's, so there is no key to keep. */
export const ci = {
  /** Issuer of the OIDC tokens that the service gives to its jobs. */
  issuer: "https://token.actions.githubusercontent.com",
  /** The one repository whose jobs may deploy, `owner/name`; each environment's jobs run as that environment. */
  repository: process.env.SALES_CI_REPOSITORY ?? "example-org/sales-analytics-platform",
  /** The one branch whose jobs may deploy. */
  branch: "main",
} as const;

export type CiService = typeof ci;

import { list, variable } from "./environment-variable";

/**
 * Values that stand where an owner has given none. They are nobody's: the network and the domain are reserved for
 * documentation. environments/placeholders.ts finds them.
 */
export const PLACEHOLDERS = {
  project: (environment: string): string => `placeholder-${environment}`,
  network: "203.0.113.0/24",
  email: "placeholder@example.com",
} as const;

/** Variables of one environment; `<ENV>` is its name in capitals. */
export const ENVIRONMENT_VARIABLES = {
  projectId: "SALES_<ENV>_PROJECT",
  billingAccount: "SALES_<ENV>_BILLING_ACCOUNT",
  webAccess: "SALES_<ENV>_WEB_ACCESS",
  analysts: "SALES_<ENV>_ANALYSTS",
  biReaders: "SALES_<ENV>_BI_READERS",
} as const;

/** Variables that only a project inside an organization has; docs/platform/organization.md explains them. */
export const ORGANIZATION_VARIABLES = {
  organizationId: "SALES_<ENV>_ORGANIZATION",
  accessPolicyId: "SALES_<ENV>_ACCESS_POLICY",
} as const;

/** Variables of all environments. */
export const COMMON_VARIABLES = {
  emails: "SALES_ALERT_EMAILS",
  hosts: "SALES_NOTIFICATION_HOSTS",
} as const;

type OwnedValue = keyof typeof ENVIRONMENT_VARIABLES | keyof typeof ORGANIZATION_VARIABLES;

/** Name of a variable of one environment. */
export function variableOf(environment: string, value: OwnedValue): string {
  return { ...ENVIRONMENT_VARIABLES, ...ORGANIZATION_VARIABLES }[value].replace(
    "<ENV>",
    environment.toUpperCase(),
  );
}

/** Everything in an environment that belongs to its owner, from variables; docs/runbooks/first-deployment.md lists them. */
export function ownerOf(environment: string) {
  const of = (value: OwnedValue): string => variableOf(environment, value);
  const emails = list(COMMON_VARIABLES.emails, []);
  return {
    projectId: variable(of("projectId")) ?? PLACEHOLDERS.project(environment),
    /** Undefined where there is none: then there is no budget. */
    billingAccount: variable(of("billingAccount")),
    webAccess: list(of("webAccess"), [PLACEHOLDERS.network]).map((range) => ({
      range,
      description: "people who open Airflow",
    })),
    access: { analysts: list(of("analysts"), []), biReaders: list(of("biReaders"), []) },
    /** Ids without a value are undefined: then what needs them is not made. */
    organization: {
      organizationId: variable(of("organizationId")),
      accessPolicyId: variable(of("accessPolicyId")),
    },
    /** Recipients of alerts. */
    alertEmails: emails.length > 0 ? emails : [PLACEHOLDERS.email],
    /** Recipients of the notifications of runs. */
    emails,
    hosts: list(COMMON_VARIABLES.hosts, []),
  };
}

import { minutesOfWeek, opensFor } from "../office-hours";
import { parseRange } from "../ip-ranges";
import { Environment } from "../environment";
import { Report } from "./report";

const EMAIL = /^[^\s@,]+@[^\s@,]+\.[^\s@,]+$/;
const BILLING_ACCOUNT = /^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$/;
/** Most channels that a budget takes. */
const MOST_EMAILS = 5;

export function notifications(environment: Environment, report: Report): void {
  const { emails, channels, deadlineHours } = environment.notifications;
  for (const email of emails) {
    if (!EMAIL.test(email)) report("notifications.emails", `'${email}' is no address`);
  }
  channels.forEach((range, index) => {
    const parsed = parseRange(range);
    if (typeof parsed === "string") report(`notifications.channels[${index}]`, parsed);
    else if (parsed.prefix === 0)
      report(`notifications.channels[${index}]`, `${range} is everywhere, name the servers' networks`);
  });
  if (!Number.isInteger(deadlineHours) || deadlineHours < 1 || deadlineHours > 23) {
    report("notifications.deadlineHours", `${deadlineHours} is not an hour from 1 to 23`);
  }
}

export function operations(environment: Environment, report: Report): void {
  const { alertEmails, maximumQuarantineShare, auditDays, monthlyBudget, billingAccount } =
    environment.operations;
  if (alertEmails.length === 0) report("operations.alertEmails", "names nobody: no alert would be heard");
  if (alertEmails.length > MOST_EMAILS) {
    report("operations.alertEmails", `${alertEmails.length} are more than ${MOST_EMAILS}, name a group`);
  }
  for (const email of alertEmails) {
    if (!EMAIL.test(email)) report("operations.alertEmails", `'${email}' is no address`);
  }
  if (!(maximumQuarantineShare > 0 && maximumQuarantineShare < 0.05)) {
    report(
      "operations.maximumQuarantineShare",
      `${maximumQuarantineShare} is not above 0 and below 0.05, beyond which the job refuses a run`,
    );
  }
  if (!Number.isInteger(auditDays) || auditDays < 1 || auditDays > 3650) {
    report("operations.auditDays", `${auditDays} is not 1 to 3650`);
  }
  if (!Number.isInteger(monthlyBudget) || monthlyBudget < 1) {
    report("operations.monthlyBudget", `${monthlyBudget} must be a whole number of at least 1`);
  }
  if (billingAccount !== undefined && !BILLING_ACCOUNT.test(billingAccount)) {
    report("operations.billingAccount", `'${billingAccount}' is not written 012345-6789AB-CDEF01`);
  }
}

export function officeHours({ officeHours: hours, database }: Environment, report: Report): void {
  if (hours === undefined) return;
  try {
    new Intl.DateTimeFormat("en", { timeZone: hours.timeZone });
    minutesOfWeek(hours.open);
    minutesOfWeek(hours.close);
  } catch (error) {
    report("officeHours", (error as Error).message);
    return;
  }
  try {
    if (database.restoreDrill !== undefined && !opensFor(hours, database.restoreDrill)) {
      report(
        "database.restoreDrill",
        `'${database.restoreDrill}' (UTC) is outside officeHours: a drill asks the live database too`,
      );
    }
  } catch (error) {
    report("database.restoreDrill", (error as Error).message);
  }
}

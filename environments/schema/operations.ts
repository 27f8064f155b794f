import { z } from "zod";
import { email, generation, host, timeOfDay } from "./fields";

const principal = z
  .string()
  .regex(
    /^(user|group|serviceAccount|domain):[^\s:]+$/,
    "is not a principal, write for example group:analysts@example.com",
  );

/** IAM principals, as `group:`, `user:` or `serviceAccount:` with an address. */
export const access = z.strictObject({
  /** Read every published table and view of the warehouse, with personal data masked. */
  analysts: z.array(principal),
  /** Read only the tables for the business and the views, with personal data masked too. */
  biReaders: z.array(principal),
});

/** Notifications of runs; the chat's address and the mail server's login are a secret, see docs/platform/log-events.md. */
export const notifications = z.strictObject({
  emails: z.array(email),
  /** Names of the mail and chat servers, the only hosts outside Google that can be reached. */
  hosts: z.array(host),
  /** Hours after `orchestration.runHour` by which the tables of a day must be up to date. */
  deadlineHours: z.int().min(1).max(23),
});

/** `basic` watches what users notice, `enhanced` also the platform's parts, `full` also costs and the second region. */
export const monitoringLevel = z.enum(["basic", "enhanced", "full"]);

/** Monitoring, audit and budget. */
export const operations = z.strictObject({
  /** Part of the audit log's name, which cannot be reused for a week after a delete. */
  generation,
  monitoring: monitoringLevel,
  /** Recipients of alerts and of the budget's notifications. A budget takes five at most. */
  alertEmails: z
    .array(email)
    .min(1, "lists no recipient: nobody would receive an alert")
    .max(5, "lists more than 5 recipients: name a group instead"),
  /** Share of a run's lines above which quarantined lines raise an alert. */
  maximumQuarantineShare: z
    .number()
    .refine(
      (share) => share > 0 && share < 0.05,
      "is not above 0 and below 0.05, where the job refuses a run",
    ),
  /** Days that the audit log is kept. */
  auditDays: z.int().min(1).max(3650),
  /** Locking is irreversible: the log's retention can no longer be shortened, nor the log be deleted. */
  auditLocked: z.boolean(),
  /** Expected cost of a month, in whole units of the billing account's currency. */
  monthlyBudget: z.int().min(1),
  /**
   * Billing account of the project, as `012345-6789AB-CDEF01`.
   * @default - no budget
   */
  billingAccount: z
    .string()
    .regex(/^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$/, "is not written 012345-6789AB-CDEF01")
    .optional(),
});

const isTimeZone = (timeZone: string): boolean => {
  try {
    new Intl.DateTimeFormat("en", { timeZone });
    return true;
  } catch {
    return false;
  }
};

/** Hours in which the database runs; `open` and `close` are on the same day. */
export const officeHours = z
  .strictObject({
    open: timeOfDay,
    close: timeOfDay,
    /** `weekdays` are Monday to Friday. */
    days: z.enum(["daily", "weekdays"]),
    /** Name in the IANA time zone database. */
    timeZone: z.string().refine(isTimeZone, "is not a time zone, write for example Europe/Berlin"),
  })
  .refine(({ open, close }) => open < close, { path: ["close"], error: "is not after open" });

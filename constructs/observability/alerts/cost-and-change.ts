import { Environment } from "../../../environments/environment";
import { accountEmail } from "../../../environments/naming";
import { Alert } from "../alert";
import { anyLogLine } from "./pipeline";

const GIB = 1024 ** 3;
/** Half of the about 2000 slots that a project's on-demand queries share: a daily run does not need them for long. */
const MANY_SLOTS = 1000;
/** Limit of a day, as a multiple of the limit of one query of the DAG. */
const QUERIES_A_DAY = 10;

/**
 * Methods that change what the firewall lets through: rules of the network, and policies, global, regional or of a folder
 * above, which may override them. RE2, as the query language has it.
 */
const FIREWALL_CHANGES =
  "(?i)(firewalls|firewallpolicies)\\.(insert|patch|update|delete|clonerules|(add|patch|remove)(rule|packetmirroringrule|association))$";

/** Alerts on BigQuery's errors and costs, and on changes that another account than the deploy account made. */
export function costAndChangeAlerts(
  environment: Pick<Environment, "name" | "projectId" | "warehouse">,
): Alert[] {
  const { projectId, name, warehouse } = environment;
  const deploy = accountEmail(projectId, name, "deploy");
  const gib = warehouse.maximumGibBilled * QUERIES_A_DAY;
  const slots = warehouse.slots?.max ?? MANY_SLOTS;
  const byHand = [
    'log_id("cloudaudit.googleapis.com/activity")',
    `protoPayload.authenticationInfo.principalEmail!="${deploy}"`,
    // A long-running operation is logged at its start and at its end.
    "NOT operation.last=true",
  ].join(" AND ");
  return [
    {
      id: "bigquery-errors",
      title: "BigQuery jobs fail",
      minimumLevel: "enhanced",
      severity: "ERROR",
      description: "A load, query or copy of the pipeline's accounts ended with an error.",
      runbook: "job-failed",
      conditions: {
        "a job of a service account ended with an error": {
          kind: "log",
          filter: [
            'log_id("cloudaudit.googleapis.com/data_access")',
            'resource.type="bigquery_project"',
            "protoPayload.metadata.jobChange.job.jobStatus.errorResult.code>0",
            `protoPayload.authenticationInfo.principalEmail:"@${projectId}.iam.gserviceaccount.com"`,
          ].join(" AND "),
        },
      },
    },
    {
      id: "bigquery-usage",
      title: "BigQuery reads or computes unusually much",
      minimumLevel: "full",
      severity: "WARNING",
      description: `Queries of a day were billed for more than ${gib} GiB, or used more than ${slots} slots for half an hour.`,
      runbook: "bigquery-usage",
      conditions: {
        [`more than ${gib} GiB billed in a day`]: {
          kind: "threshold",
          metric: "bigquery.googleapis.com/query/scanned_bytes_billed",
          resource: "global",
          above: gib * GIB,
          alignSeconds: 86_400,
          aligner: "ALIGN_SUM",
          reducer: "REDUCE_SUM",
        },
        [`more than ${slots} slots for half an hour`]: {
          kind: "threshold",
          metric: "bigquery.googleapis.com/slots/allocated_for_project",
          resource: "global",
          above: slots,
          alignSeconds: 300,
          aligner: "ALIGN_MEAN",
          reducer: "REDUCE_SUM",
          forSeconds: 1800,
        },
      },
    },
    {
      id: "unusual-reads",
      title: "an account reads far more than it used to",
      minimumLevel: "enhanced",
      severity: "WARNING",
      description:
        "The queries of an account read more than ten times what it usually reads on a day. The event in the log names it.",
      runbook: "unusual-reads",
      conditions: { "the DAG found an account": anyLogLine("unusualReads") },
    },
    {
      id: "iam-changed",
      title: "access was changed by hand",
      minimumLevel: "enhanced",
      severity: "WARNING",
      description: `Somebody other than ${deploy} changed a grant or made a service account key. The next deployment does not undo it.`,
      runbook: "unexpected-change",
      conditions: {
        "a grant or a key, not by the deploy account": {
          kind: "log",
          filter: `${byHand} AND protoPayload.methodName=~"(?i)(setiampolicy|setiampermissions|createserviceaccountkey)$"`,
        },
      },
    },
    {
      id: "firewall-changed",
      title: "the firewall was changed by hand",
      minimumLevel: "enhanced",
      severity: "WARNING",
      description: `Somebody other than ${deploy} changed a firewall rule, or a firewall policy. The next deployment shows a changed rule of its own as a difference; a policy, which may override the rules, it does not see.`,
      runbook: "unexpected-change",
      conditions: {
        "a firewall rule or policy, not by the deploy account": {
          kind: "log",
          filter: `${byHand} AND protoPayload.methodName=~"${FIREWALL_CHANGES}"`,
        },
      },
    },
  ];
}

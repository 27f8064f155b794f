import { Environment } from "../../../environments/environment";
import { resourceName } from "../../../environments/naming";
import { FINDINGS } from "../../organization/security-findings";
import { Alert } from "../alert";

/** Alerts on what the organization around the project finds and refuses; none where its ids are not given. */
export function securityAlerts({ name, organization }: Pick<Environment, "name" | "organization">): Alert[] {
  const { organizationId, accessPolicyId, perimeter } = organization;
  const findings: Alert = {
    id: "security-finding",
    title: "Security Command Center found something",
    minimumLevel: "basic",
    severity: "ERROR",
    description:
      "A finding about the project is new or has changed. The subscription of the same name keeps it for a month.",
    runbook: "security-finding",
    conditions: {
      "a finding was published": {
        kind: "threshold",
        metric: "pubsub.googleapis.com/topic/send_message_operation_count",
        resource: "pubsub_topic",
        where: `resource.label.topic_id="${resourceName(name, FINDINGS)}"`,
        above: 0,
        alignSeconds: 300,
        aligner: "ALIGN_SUM",
        reducer: "REDUCE_SUM",
      },
    },
  };
  const refused: Alert = {
    id: "perimeter-violated",
    title: perimeter === "enforced" ? "the perimeter refused a call" : "the perimeter would refuse a call",
    minimumLevel: "basic",
    severity: "WARNING",
    description:
      perimeter === "enforced"
        ? "Somebody outside the perimeter asked for data inside, or the other way round, and was refused."
        : "A call crosses the perimeter. It still works, and will be refused when the perimeter is enforced.",
    runbook: "perimeter-violated",
    conditions: {
      "a call crosses the perimeter": {
        kind: "log",
        filter: [
          'log_id("cloudaudit.googleapis.com/policy")',
          'protoPayload.metadata.@type="type.googleapis.com/google.cloud.audit.VpcServiceControlAuditMetadata"',
        ].join(" AND "),
      },
    },
  };
  return [
    ...(organizationId === undefined ? [] : [findings]),
    ...(accessPolicyId === undefined ? [] : [refused]),
  ];
}

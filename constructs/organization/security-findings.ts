import { GoogleProvider } from "@cdktf/provider-google/lib/provider";
import { PubsubSubscription } from "@cdktf/provider-google/lib/pubsub-subscription";
import { PubsubTopic } from "@cdktf/provider-google/lib/pubsub-topic";
import { PubsubTopicIamMember } from "@cdktf/provider-google/lib/pubsub-topic-iam-member";
import { SccV2ProjectNotificationConfig } from "@cdktf/provider-google/lib/scc-v2-project-notification-config";
import { Construct } from "constructs";
import { Environment } from "../../environments/environment";
import { resourceName } from "../../environments/naming";
import { KeySource } from "../encryption/keys";
import { DAY_SECONDS } from "../foundation/time";

/** Role of the topic's name; the alert in constructs/observability/alerts/security.ts watches it. */
export const FINDINGS = "security-findings";

/** The longest that Pub/Sub keeps a message. */
const KEPT = `${31 * DAY_SECONDS}s`;

export interface SecurityFindingsProps {
  readonly environment: Pick<Environment, "name" | "projectId" | "region">;
  readonly keys: KeySource;
  readonly provider: GoogleProvider;
}

/**
 * Active findings of Security Command Center about the project, kept in a subscription that people read. Each message
 * fires an alert.
 */
export class SecurityFindings extends Construct {
  constructor(scope: Construct, id: string, props: SecurityFindingsProps) {
    super(scope, id);
    const { environment, keys, provider } = props;
    const { name, projectId, region } = environment;
    const key = keys.at(region, "pubsub");
    const topic = new PubsubTopic(this, "topic", {
      name: resourceName(name, FINDINGS),
      messageStoragePolicy: { allowedPersistenceRegions: [region] },
      ...(key && { kmsKeyName: key.id }),
      dependsOn: key?.usable,
    });
    new PubsubSubscription(this, "kept", {
      name: resourceName(name, FINDINGS),
      topic: topic.id,
      messageRetentionDuration: KEPT,
      // The default removes a subscription that nobody has pulled for 31 days.
      expirationPolicy: { ttl: "" },
    });
    const findings = new SccV2ProjectNotificationConfig(this, "findings", {
      provider,
      project: projectId,
      configId: resourceName(name, FINDINGS),
      location: "global",
      description: "Active findings about the sales platform",
      pubsubTopic: topic.id,
      streamingConfig: { filter: 'state = "ACTIVE"' },
    });
    new PubsubTopicIamMember(this, "publisher", {
      topic: topic.name,
      role: "roles/pubsub.publisher",
      member: `serviceAccount:${findings.serviceAccount}`,
    });
  }
}

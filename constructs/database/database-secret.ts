import { PubsubSubscription } from "@cdktf/provider-google/lib/pubsub-subscription";
import { PubsubTopic } from "@cdktf/provider-google/lib/pubsub-topic";
import { PubsubTopicIamMember } from "@cdktf/provider-google/lib/pubsub-topic-iam-member";
import { SecretManagerSecret } from "@cdktf/provider-google/lib/secret-manager-secret";
import { Construct } from "constructs";
import { Environment } from "../../environments/environment";
import { DAY_SECONDS } from "../lake/hardened-bucket";
import { Keys } from "../encryption/keys";
import { resourceName } from "../../environments/naming";
import { isProtected } from "../foundation/protection";
import { ServiceAgents } from "../identity/service-agents";

/**
 * The project's one secret. Short and without the environment: a longer one, beside a variable called
 * SQL_PASSWORD_SECRET, is taken by scanners for the password itself.
 */
const DATABASE_SECRET_ID = "sales-sql-pass";

export interface DatabaseSecretProps {
  readonly environment: Environment;
  readonly keys: Keys;
  readonly agents: ServiceAgents;
}

/**
 * The database password's place. Its value never passes through here: the rotation makes the database user and
 * the first version, so neither code, plan nor state ever holds it.
 */
export class DatabaseSecret extends Construct {
  readonly secret: SecretManagerSecret;
  /** Known at synth. */
  readonly secretId: string;
  /** Told when a rotation is due. */
  readonly topic: PubsubTopic;
  /** Where the rotation DAG takes what the topic was told. */
  readonly subscription: PubsubSubscription;
  /** Full name of the subscription, known at synth. */
  readonly subscriptionName: string;

  constructor(scope: Construct, id: string, props: DatabaseSecretProps) {
    super(scope, id);
    const { environment, keys, agents } = props;
    const regions = [environment.region, ...(environment.recoveryRegion ? [environment.recoveryRegion] : [])];

    const topicKey = keys.at(environment.region, "pubsub");
    const replicas = regions.map((location) => ({ location, key: keys.at(location, "secretManager") }));

    this.topic = new PubsubTopic(this, "rotation", {
      name: resourceName(environment.name, "secret-rotation"),
      kmsKeyName: topicKey?.id,
      messageStoragePolicy: { allowedPersistenceRegions: regions },
      dependsOn: topicKey?.grants,
    });
    const publisher = new PubsubTopicIamMember(this, "rotation-publisher", {
      topic: this.topic.name,
      role: "roles/pubsub.publisher",
      member: agents.member("secretManager"),
    });

    const subscription = resourceName(environment.name, "secret-rotation");
    this.subscriptionName = `projects/${environment.projectId}/subscriptions/${subscription}`;
    this.subscription = new PubsubSubscription(this, "rotation-requests", {
      name: subscription,
      topic: this.topic.id,
      // A request is confirmed when the new password works; one that is not confirmed comes again.
      ackDeadlineSeconds: 600,
      messageRetentionDuration: `${7 * DAY_SECONDS}s`,
      // Rotations are months apart: without this an idle subscription is deleted after 31 days.
      expirationPolicy: { ttl: "" },
    });

    this.secretId = DATABASE_SECRET_ID;
    this.secret = new SecretManagerSecret(this, "password", {
      secretId: this.secretId,
      replication: {
        userManaged: {
          replicas: replicas.map(({ location, key }) => ({
            location,
            ...(key && { customerManagedEncryption: { kmsKeyName: key.id } }),
          })),
        },
      },
      topics: [{ name: this.topic.id }],
      rotation: {
        rotationPeriod: `${environment.secrets.rotationDays * DAY_SECONDS}s`,
        nextRotationTime: environment.secrets.firstRotation,
      },
      deletionProtection: isProtected(environment),
      // The service advances the time at each rotation; only the first one is ours to say. The path is verbatim
      // Terraform, not a property name (tc#1848).
      lifecycle: { ignoreChanges: ["rotation[0].next_rotation_time"] },
      // A secret with a topic is refused until Secret Manager may publish to it.
      dependsOn: [publisher, ...replicas.flatMap(({ key }) => key?.grants ?? [])],
    });
  }
}

import { PubsubSubscription } from "@cdktf/provider-google/lib/pubsub-subscription";
import { PubsubSubscriptionIamMember } from "@cdktf/provider-google/lib/pubsub-subscription-iam-member";
import { PubsubTopic } from "@cdktf/provider-google/lib/pubsub-topic";
import { PubsubTopicIamMember } from "@cdktf/provider-google/lib/pubsub-topic-iam-member";
import { SecretManagerSecret } from "@cdktf/provider-google/lib/secret-manager-secret";
import { SecretManagerSecretIamMember } from "@cdktf/provider-google/lib/secret-manager-secret-iam-member";
import { Fn } from "cdktf";
import { Construct } from "constructs";
import { Environment } from "../../environments/environment";
import { resourceName } from "../../environments/naming";
import { KeySource } from "../encryption/keys";
import { replicationIn } from "../encryption/replication";
import { isProtected } from "../foundation/protection";
import { DAY_SECONDS } from "../foundation/time";
import { ServiceAgents } from "../identity/service-agents";
import { grantOnSecret } from "../identity/secret-grant";
import { Grantee } from "../identity/workload-identity";

/**
 * Short and without the environment's name: scanners take a longer value of a variable called SQL_PASSWORD_SECRET for
 * the password itself.
 */
const DATABASE_SECRET_ID = "sales-sql-pass";

/**
 * When Secret Manager asks for a rotation the first time. Until then, and whenever a request is lost, the rotation DAG
 * counts the password's days itself; a year is in the future even where the clock of the machine that plans is months late.
 */
const FIRST_REQUEST_DAYS = 365;

export interface DatabaseSecretProps {
  readonly environment: Pick<
    Environment,
    "name" | "projectId" | "region" | "recoveryRegion" | "protection" | "secrets"
  >;
  readonly keys: KeySource;
  readonly agents: ServiceAgents;
}

/**
 * Secret of the database password. The rotation DAG creates the database user and adds the versions, so that neither
 * code, plan nor state ever holds the password.
 */
export class DatabaseSecret extends Construct {
  readonly secret: SecretManagerSecret;
  /** Known at synth. */
  readonly secretId: string;
  /** Topic that Secret Manager notifies when a rotation is due. */
  readonly topic: PubsubTopic;
  /** Subscription that the rotation DAG pulls. */
  readonly subscription: PubsubSubscription;
  /** Full name of the subscription, known at synth. */
  readonly subscriptionName: string;

  constructor(scope: Construct, id: string, props: DatabaseSecretProps) {
    super(scope, id);
    const { environment, keys, agents } = props;
    const regions = [environment.region, ...(environment.recoveryRegion ? [environment.recoveryRegion] : [])];

    const topicKey = keys.at(environment.region, "pubsub");
    const { replication, usable } = replicationIn(keys, ...regions);

    this.topic = new PubsubTopic(this, "rotation", {
      name: resourceName(environment.name, "secret-rotation"),
      kmsKeyName: topicKey?.id,
      messageStoragePolicy: { allowedPersistenceRegions: regions },
      dependsOn: topicKey?.usable,
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
      // The DAG acknowledges a request when the new password works; otherwise the request is delivered again.
      ackDeadlineSeconds: 600,
      messageRetentionDuration: `${7 * DAY_SECONDS}s`,
      // Rotations are months apart: without this an idle subscription is deleted after 31 days.
      expirationPolicy: { ttl: "" },
    });

    this.secretId = DATABASE_SECRET_ID;
    this.secret = new SecretManagerSecret(this, "password", {
      secretId: this.secretId,
      replication,
      topics: [{ name: this.topic.id }],
      rotation: {
        rotationPeriod: `${environment.secrets.rotationDays * DAY_SECONDS}s`,
        // Secret Manager refuses a time in the past, so the first one is counted from the plan that creates the secret.
        nextRotationTime: Fn.timeadd(Fn.plantimestamp(), `${FIRST_REQUEST_DAYS * 24}h`),
      },
      deletionProtection: isProtected(environment),
      // The service advances the time at each rotation; the stack sets only the first. CDKTF passes the path on verbatim,
      // so it is Terraform's, not a property's name (tc#1848).
      lifecycle: { ignoreChanges: ["rotation[0].next_rotation_time"] },
      // Secret Manager refuses a secret with a topic to which it may not publish yet.
      dependsOn: [publisher, ...usable],
    });
  }

  /** Grants a role on the secret and its versions. */
  grant(scope: Construct, id: string, grantee: Grantee, role: string): SecretManagerSecretIamMember {
    return grantOnSecret(scope, id, this.secret, grantee, role);
  }

  /** Grants pulling requests to rotate. */
  grantPullRequests(scope: Construct, id: string, grantee: Grantee): PubsubSubscriptionIamMember {
    return new PubsubSubscriptionIamMember(scope, id, {
      subscription: this.subscription.name,
      role: "roles/pubsub.subscriber",
      member: grantee.member,
    });
  }
}

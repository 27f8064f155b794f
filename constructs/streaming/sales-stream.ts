import { BigqueryDataset } from "@cdktf/provider-google/lib/bigquery-dataset";
import { BigqueryDatasetAccessA } from "@cdktf/provider-google/lib/bigquery-dataset-access";
import { BigqueryTable } from "@cdktf/provider-google/lib/bigquery-table";
import { BigqueryTableIamMember } from "@cdktf/provider-google/lib/bigquery-table-iam-member";
import { PubsubSchema } from "@cdktf/provider-google/lib/pubsub-schema";
import { PubsubSubscription } from "@cdktf/provider-google/lib/pubsub-subscription";
import { PubsubSubscriptionIamMember } from "@cdktf/provider-google/lib/pubsub-subscription-iam-member";
import { PubsubTopic } from "@cdktf/provider-google/lib/pubsub-topic";
import { PubsubTopicIamMember } from "@cdktf/provider-google/lib/pubsub-topic-iam-member";
import { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { Environment } from "../../environments/environment";
import { resourceName, streamDatasetId } from "../../environments/naming";
import { Key, KeySource } from "../encryption/keys";
import { isProtected } from "../foundation/protection";
import { DAY_MS, DAY_SECONDS } from "../foundation/time";
import { Wait } from "../foundation/wait";
import { exceptFromGuardrail } from "../guardrails/guardrails";
import { ServiceAgents } from "../identity/service-agents";
import { Grantee } from "../identity/workload-identity";
import { Table } from "../warehouse/table";
import { tableSettings } from "../warehouse/table-settings";
import { isOfMessages, queryOf, View } from "../warehouse/views";
import { messageSchema } from "./message-schema";

/** Parts of names; the alerts of constructs/observability/alerts/stream.ts watch both subscriptions. */
export const STREAM = "stream";
export const DEAD_LETTERS = "stream-dead-letters";

/** Tables of the catalog. */
const SALES = "streamed_sales";
const DEAD = "streamed_dead_letters";

/**
 * How often Pub/Sub tries to write a message, with growing pauses, before it goes to the dead letters: a table that is
 * away for some minutes loses nothing.
 */
const ATTEMPTS = 20;

/** From a grant on a table until the service agent may use it. */
const GRANTING_SECONDS = 60;

export interface SalesStreamProps {
  readonly environment: Pick<Environment, "name" | "projectId" | "region" | "protection">;
  /** Setting of the environment. */
  readonly streaming: NonNullable<Environment["streaming"]>;
  readonly keys: KeySource;
  readonly agents: ServiceAgents;
  /** Streamed tables of the catalog. */
  readonly tables: readonly Table[];
  /** Views of the catalog; those that read nothing but streamed tables are made beside them. */
  readonly views: readonly View[];
}

/**
 * Sales as messages: a topic, and a subscription that writes each message to BigQuery as a row of texts; what cannot be
 * written is kept as a dead letter (docs/platform/streaming.md).
 *
 * The tables are in a dataset of their own, which no reader may read. They have no policy tags: BigQuery checks tags
 * against whoever runs a query, through a view too, so that `sales_today` would count no customer for those who see NULL.
 */
export class SalesStream extends Construct {
  readonly topic: PubsubTopic;
  private readonly dataset: BigqueryDataset;
  private readonly tables = new Map<string, BigqueryTable>();
  private readonly key: Key | undefined;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: SalesStreamProps,
  ) {
    super(scope, id);
    const { environment, keys } = props;
    this.key = keys.at(environment.region, "bigquery", "pubsub");
    this.dataset = new BigqueryDataset(this, "dataset", {
      datasetId: streamDatasetId(environment.name),
      location: environment.region,
      description: "Messages of sales of the last days: no reader has rights here, sales_today shows sums",
      deleteContentsOnDestroy: !isProtected(environment),
      ...(this.key && { defaultEncryptionConfiguration: { kmsKeyName: this.key.id } }),
      dependsOn: this.key?.usable,
    });
    for (const table of props.tables) this.tables.set(table.name, this.addTable(table));
    for (const view of props.views.filter((one) => isOfMessages(one, props.tables))) this.addView(view);

    const sales = props.tables.find(({ name }) => name === SALES);
    if (!sales)
      throw new Error(`${SALES}: no such streamed table, see pyspark-jobs/sales_job/tables/streamed`);
    const schema = new PubsubSchema(this, "schema", {
      name: resourceName(environment.name, `${STREAM}-line`),
      type: "PROTOCOL_BUFFER",
      definition: messageSchema(sales),
    });
    this.topic = this.addTopic("sales", STREAM, schema);
    const deadLetters = this.addTopic("dead-letters", DEAD_LETTERS);
    const agent = { member: props.agents.member("pubsub") };
    const writable = this.grantWriting(agent);

    const kept = new PubsubSubscription(this, "dead-letters-to-bigquery", {
      ...this.subscription(DEAD_LETTERS),
      topic: deadLetters.id,
      bigqueryConfig: { table: this.path(DEAD), writeMetadata: true },
      dependsOn: writable,
    });
    const toDeadLetters = new PubsubTopicIamMember(this, "dead-letters-publisher", {
      topic: deadLetters.name,
      role: "roles/pubsub.publisher",
      member: agent.member,
    });
    const subscription = new PubsubSubscription(this, "to-bigquery", {
      ...this.subscription(STREAM),
      topic: this.topic.id,
      bigqueryConfig: { table: this.path(SALES), useTopicSchema: true, writeMetadata: true },
      deadLetterPolicy: { deadLetterTopic: deadLetters.id, maxDeliveryAttempts: ATTEMPTS },
      retryPolicy: { minimumBackoff: "10s", maximumBackoff: "600s" },
      // A dead letter without a subscription to the topic would be lost.
      dependsOn: [...writable, toDeadLetters, kept],
    });
    // Pub/Sub takes a message off this subscription when it has published it as a dead letter.
    new PubsubSubscriptionIamMember(this, "dead-letters-subscriber", {
      subscription: subscription.name,
      role: "roles/pubsub.subscriber",
      member: agent.member,
    });
  }

  private addTable(table: Table): BigqueryTable {
    const made = new BigqueryTable(this, table.name.replaceAll("_", "-"), {
      ...tableSettings(this.dataset, this.props.environment, table),
      schema: JSON.stringify(
        table.columns.map(({ name, type, mode, description }) => ({ name, type, mode, description })),
      ),
      timePartitioning: {
        type: "DAY",
        field: table.partitionBy,
        expirationMs: this.props.streaming.messageDays * DAY_MS,
      },
      ...(this.key && { encryptionConfiguration: { kmsKeyName: this.key.id } }),
    });
    if (table.columns.some(({ personal }) => personal !== undefined)) {
      exceptFromGuardrail(
        made,
        "personal-data-tagged",
        "no reader has rights on the table, and a tag would hide customers from the sums of sales_today",
      );
    }
    return made;
  }

  private addView(view: View): void {
    new BigqueryTable(this, view.name.replaceAll("_", "-"), {
      ...tableSettings(this.dataset, this.props.environment, view),
      view: { query: queryOf(view, (name) => this.path(name)), useLegacySql: false },
    });
  }

  private addTopic(id: string, role: string, schema?: PubsubSchema): PubsubTopic {
    const { name, region } = this.props.environment;
    return new PubsubTopic(this, id, {
      name: resourceName(name, role),
      messageStoragePolicy: { allowedPersistenceRegions: [region] },
      ...(schema && { schemaSettings: { schema: schema.id, encoding: "JSON" } }),
      ...(this.key && { kmsKeyName: this.key.id }),
      dependsOn: this.key?.usable,
    });
  }

  private subscription(role: string) {
    return {
      name: resourceName(this.props.environment.name, role),
      messageRetentionDuration: `${7 * DAY_SECONDS}s`,
      // The default removes a subscription that has had no message for 31 days.
      expirationPolicy: { ttl: "" },
    };
  }

  /** Lets Pub/Sub write both tables: https://cloud.google.com/pubsub/docs/create-bigquery-subscription */
  private grantWriting(agent: Grantee): ITerraformDependable[] {
    const grants = [...this.tables].map(
      ([name, table]) =>
        new BigqueryTableIamMember(this, `${name.replaceAll("_", "-")}-writer`, {
          datasetId: table.datasetId,
          tableId: table.tableId,
          role: "roles/bigquery.dataEditor",
          member: agent.member,
        }),
    );
    // Pub/Sub looks at the table when the subscription is made, and refuses it without the role.
    const names = [...this.tables.keys()];
    return [new Wait(this, "writable", { seconds: GRANTING_SECONDS, after: grants, names }).resource];
  }

  /** `project.dataset.table`, with a reference to the table. */
  path(name: string): string {
    const table = this.tables.get(name);
    if (!table)
      throw new Error(`${name}: no such streamed table, see pyspark-jobs/sales_job/tables/streamed`);
    return `${this.props.environment.projectId}.${this.dataset.datasetId}.${table.tableId}`;
  }

  /** Whether the stream has a table of this name. */
  has(name: string): boolean {
    return this.tables.has(name);
  }

  /**
   * Lets a view of another dataset read the streamed tables for everybody who may read the view. The right ends when the
   * view is changed (provider's page of `google_bigquery_dataset_access`): it is given again then.
   */
  authorize(scope: Construct, id: string, view: BigqueryTable): BigqueryDatasetAccessA {
    return new BigqueryDatasetAccessA(scope, id, {
      datasetId: this.dataset.datasetId,
      view: {
        projectId: this.props.environment.projectId,
        datasetId: view.datasetId,
        tableId: view.tableId,
      },
      lifecycle: {
        replaceTriggeredBy: [`${BigqueryTable.tfResourceType}.${view.friendlyUniqueId}`],
      },
    });
  }

  /** Grants publishing messages. */
  grantPublishing(scope: Construct, id: string, grantee: Grantee): PubsubTopicIamMember {
    return new PubsubTopicIamMember(scope, id, {
      topic: this.topic.name,
      role: "roles/pubsub.publisher",
      member: grantee.member,
    });
  }
}

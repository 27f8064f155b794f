import { Environment } from "../../../environments/environment";
import { resourceName } from "../../../environments/naming";
import { DEAD_LETTERS, STREAM } from "../../streaming/sales-stream";
import { Alert } from "../alert";

/** How old the oldest message that is not written yet may be. */
const DELAY_SECONDS = 1800;

/** Alerts on the stream of sales, where the environment takes one. */
export function streamAlerts({ name, streaming }: Pick<Environment, "name" | "streaming">): Alert[] {
  if (streaming === undefined) return [];
  const subscription = (role: string): string =>
    `resource.label.subscription_id="${resourceName(name, role)}"`;
  return [
    {
      id: "stream-dead-letters",
      title: "messages of sales cannot be written",
      minimumLevel: "basic",
      severity: "ERROR",
      description:
        "Pub/Sub gave messages up and keeps them in streamed_dead_letters: sales_today lacks them until the files of their day come.",
      runbook: "stream-behind",
      conditions: {
        "a message became a dead letter": {
          kind: "threshold",
          metric: "pubsub.googleapis.com/subscription/dead_letter_message_count",
          resource: "pubsub_subscription",
          where: subscription(STREAM),
          above: 0,
          alignSeconds: 300,
          aligner: "ALIGN_DELTA",
          reducer: "REDUCE_SUM",
        },
      },
    },
    {
      id: "stream-behind",
      title: "the stream of sales is behind",
      minimumLevel: "basic",
      severity: "WARNING",
      description: `Messages wait for more than ${DELAY_SECONDS / 60} minutes to be written to BigQuery: sales_today is that old. The tables are not concerned.`,
      runbook: "stream-behind",
      conditions: Object.fromEntries(
        [STREAM, DEAD_LETTERS].map((role) => [
          `the oldest message of ${role} waits for ${DELAY_SECONDS / 60} minutes`,
          {
            kind: "threshold",
            metric: "pubsub.googleapis.com/subscription/oldest_unacked_message_age",
            resource: "pubsub_subscription",
            where: subscription(role),
            above: DELAY_SECONDS,
            alignSeconds: 300,
            aligner: "ALIGN_MAX",
          },
        ]),
      ),
    },
  ];
}

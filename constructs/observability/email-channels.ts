import { MonitoringNotificationChannel } from "@cdktf/provider-google/lib/monitoring-notification-channel";
import { Construct } from "constructs";
import { Environment } from "../../environments/environment";

export interface EmailChannelsProps {
  readonly environment: Pick<Environment, "name" | "operations">;
}

/**
 * Channels that notify by e-mail. There is no channel for chat: its address is a secret, which the provider would write
 * into plan and state. The DAGs notify the chat of runs, with the secret `sales-channels` (docs/platform/log-events.md);
 * for alerts, a chat can receive the mail of a channel's address.
 */
export class EmailChannels extends Construct {
  /** Full names, as alerts and budgets refer to them. */
  readonly names: readonly string[];

  constructor(scope: Construct, id: string, props: EmailChannelsProps) {
    super(scope, id);
    const { environment } = props;
    this.names = environment.operations.alertEmails.map(
      (email) =>
        new MonitoringNotificationChannel(this, email.replace(/[^a-z0-9]+/gi, "-"), {
          displayName: `sales ${environment.name}: ${email}`,
          type: "email",
          labels: { email_address: email },
        }).name,
    );
  }
}

import { MonitoringNotificationChannel } from "@cdktf/provider-google/lib/monitoring-notification-channel";
import { Construct } from "constructs";
import { Environment } from "../../environments/environment";

/**
 * Who is told, by e-mail. A chat's address is a secret that the provider would keep in the plan and the state: chats
 * hear of runs by the DAGs, from the secret `sales-channels` (docs/platform/log-events.md), and can be invited to a channel's
 * address.
 */
export class EmailChannels extends Construct {
  /** Full names, as alerts and budgets take them. */
  readonly ids: readonly string[];

  constructor(scope: Construct, id: string, environment: Environment) {
    super(scope, id);
    this.ids = environment.operations.alertEmails.map(
      (email) =>
        new MonitoringNotificationChannel(this, email.replace(/[^a-z0-9]+/gi, "-"), {
          displayName: `sales ${environment.name}: ${email}`,
          type: "email",
          labels: { email_address: email },
        }).name,
    );
  }
}

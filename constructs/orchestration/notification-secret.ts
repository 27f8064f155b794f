import { SecretManagerSecret } from "@cdktf/provider-google/lib/secret-manager-secret";
import { Construct } from "constructs";
import { Environment } from "../../environments/environment";
import { Keys } from "../encryption/keys";
import { isProtected } from "../foundation/protection";

export interface ChannelsSecretProps {
  readonly environment: Environment;
  readonly keys: Keys;
}

/**
 * The place of what e-mail and chat need: a webhook's address, a mail server's login. A person fills it; without a
 * version runs are told in the log alone.
 */
export class ChannelsSecret extends Construct {
  readonly secret: SecretManagerSecret;
  /** Known at synth. */
  readonly secretId = "sales-channels";

  constructor(scope: Construct, id: string, props: ChannelsSecretProps) {
    super(scope, id);
    const { region } = props.environment;
    const key = props.keys.at(region, "secretManager");
    this.secret = new SecretManagerSecret(this, "channels", {
      secretId: this.secretId,
      replication: {
        userManaged: {
          replicas: [
            {
              location: region,
              ...(key && { customerManagedEncryption: { kmsKeyName: key.id } }),
            },
          ],
        },
      },
      deletionProtection: isProtected(props.environment),
      dependsOn: key?.grants,
    });
  }
}

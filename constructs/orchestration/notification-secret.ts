import { SecretManagerSecret } from "@cdktf/provider-google/lib/secret-manager-secret";
import { SecretManagerSecretIamMember } from "@cdktf/provider-google/lib/secret-manager-secret-iam-member";
import { Construct } from "constructs";
import { Environment } from "../../environments/environment";
import { KeySource } from "../encryption/keys";
import { replicationIn } from "../encryption/replication";
import { isProtected } from "../foundation/protection";
import { grantOnSecret } from "../identity/secret-grant";
import { Grantee } from "../identity/workload-identity";

export interface NotificationSecretProps {
  readonly environment: Pick<Environment, "region" | "protection">;
  readonly keys: KeySource;
}

/**
 * Secret with the SMTP URL and the chat webhook. An operator adds the first version; until then notifications go to the
 * log only.
 */
export class NotificationSecret extends Construct {
  readonly secret: SecretManagerSecret;
  /** Known at synth. */
  readonly secretId = "sales-channels";

  constructor(scope: Construct, id: string, props: NotificationSecretProps) {
    super(scope, id);
    const { replication, usable } = replicationIn(props.keys, props.environment.region);
    this.secret = new SecretManagerSecret(this, "channels", {
      secretId: this.secretId,
      replication,
      deletionProtection: isProtected(props.environment),
      dependsOn: [...usable],
    });
  }

  /** Grants a role on the secret and its versions. */
  grant(scope: Construct, id: string, grantee: Grantee, role: string): SecretManagerSecretIamMember {
    return grantOnSecret(scope, id, this.secret, grantee, role);
  }
}

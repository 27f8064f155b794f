import { SecretManagerSecret } from "@cdktf/provider-google/lib/secret-manager-secret";
import { SecretManagerSecretIamMember } from "@cdktf/provider-google/lib/secret-manager-secret-iam-member";
import { Construct } from "constructs";
import { Grantee } from "./workload-identity";

/** Grants a role on a secret and its versions. */
export function grantOnSecret(
  scope: Construct,
  id: string,
  secret: SecretManagerSecret,
  { member }: Grantee,
  role: string,
): SecretManagerSecretIamMember {
  return new SecretManagerSecretIamMember(scope, id, { secretId: secret.secretId, role, member });
}

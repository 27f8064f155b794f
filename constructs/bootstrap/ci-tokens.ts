import { IamWorkloadIdentityPool } from "@cdktf/provider-google/lib/iam-workload-identity-pool";
import { Repository } from "../../environments/ci";

/** What the jobs that one identity provider admits may do. */
type Purpose = "deploy" | "plan";

/**
 * Attributes of a token that a provider has admitted. `may` is a constant of the provider, so a grant names the purpose
 * and not the token's subject: GitHub writes a subject with names or with ids, depending on the repository's age.
 */
export function mayOnly(purpose: Purpose): Record<string, string> {
  return { "google.subject": "assertion.sub", "attribute.may": `'${purpose}'` };
}

/** IAM member for all tokens that the provider of `purpose` has admitted. */
export function membersThatMay(purpose: Purpose, pool: IamWorkloadIdentityPool): string {
  return `principalSet://iam.googleapis.com/${pool.name}/attribute.may/${purpose}`;
}

/** Conditions on a token: it belongs to this repository of this owner, whatever their names are now. */
export function ofRepository({ id, ownerId }: Repository): string[] {
  return [`assertion.repository_id == "${id}"`, `assertion.repository_owner_id == "${ownerId}"`];
}

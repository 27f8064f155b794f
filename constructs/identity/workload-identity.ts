/** Anything that a role can be granted to. */
export interface Grantee {
  /** As IAM writes it, for example `serviceAccount:<email>`. */
  readonly member: string;
}

/** Service account of one workload. Bootstrap makes it, so its address is known here and nothing waits for it. */
export interface WorkloadIdentity extends Grantee {
  readonly email: string;
}

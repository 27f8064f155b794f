import { OrgPolicyPolicy, OrgPolicyPolicySpecRules } from "@cdktf/provider-google/lib/org-policy-policy";
import { GoogleProvider } from "@cdktf/provider-google/lib/provider";
import { Construct } from "constructs";
import { Environment } from "../../environments/environment";
import { dualRegion } from "../../environments/locations";

export interface OrganizationPoliciesProps {
  readonly environment: Pick<Environment, "projectId" | "region" | "recoveryRegion">;
  readonly provider: GoogleProvider;
}

const ENFORCED: OrgPolicyPolicySpecRules = { enforce: "TRUE" };

/** Constraints on the project, so that nobody can make by hand what the stacks never make. */
export class OrganizationPolicies extends Construct {
  constructor(scope: Construct, id: string, props: OrganizationPoliciesProps) {
    super(scope, id);
    const { environment, provider } = props;
    const parent = `projects/${environment.projectId}`;
    const rules: Readonly<Record<string, OrgPolicyPolicySpecRules>> = {
      "compute.vmExternalIpAccess": { denyAll: "TRUE" },
      "compute.requireOsLogin": ENFORCED,
      "gcp.resourceLocations": { values: { allowedValues: locations(environment) } },
      "iam.disableServiceAccountKeyCreation": ENFORCED,
      "iam.disableServiceAccountKeyUpload": ENFORCED,
      "sql.restrictPublicIp": ENFORCED,
      "storage.publicAccessPrevention": ENFORCED,
      "storage.uniformBucketLevelAccess": ENFORCED,
    };
    for (const [constraint, rule] of Object.entries(rules)) {
      new OrgPolicyPolicy(this, constraint.replaceAll(".", "-"), {
        provider,
        parent,
        name: `${parent}/policies/${constraint}`,
        spec: { rules: [rule] },
      });
    }
  }
}

/** The environment's regions; dual-region buckets and their keys are in the multi-region around both. */
function locations({ region, recoveryRegion }: OrganizationPoliciesProps["environment"]): string[] {
  if (recoveryRegion === undefined) return [`in:${region}-locations`];
  return [`in:${region}-locations`, `in:${recoveryRegion}-locations`, dualRegion(region).toLowerCase()];
}

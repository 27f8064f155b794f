import { GoogleProvider } from "@cdktf/provider-google/lib/provider";
import { Construct } from "constructs";
import { Environment } from "../../environments/environment";

/**
 * A provider whose calls are charged to the environment's project. User credentials have no project of their own, and
 * the APIs of billing accounts and organizations answer 403 without a project to charge.
 */
export function chargedProvider(
  scope: Construct,
  alias: string,
  { projectId }: Pick<Environment, "projectId">,
): GoogleProvider {
  return new GoogleProvider(scope, `google-${alias}`, {
    alias,
    project: projectId,
    billingProject: projectId,
    userProjectOverride: true,
  });
}

import { ProjectIamCustomRole } from "@cdktf/provider-google/lib/project-iam-custom-role";
import { Construct } from "constructs";
import { Environment } from "../../environments/environment";
import { roleId } from "../../environments/naming";
import { CUSTOM_ROLES, CustomRole } from "../identity/custom-roles";

/** Creates a role of the platform's own; returns its full name, as grants take it. */
export function createCustomRole(
  scope: Construct,
  environment: Pick<Environment, "name">,
  role: CustomRole,
): string {
  const { title, permissions } = CUSTOM_ROLES[role];
  return new ProjectIamCustomRole(scope, `role-${role}`, {
    roleId: roleId(environment.name, role),
    title: `Sales platform (${environment.name}): ${title}`,
    permissions: [...permissions],
  }).name;
}

import { ProjectIamCustomRole } from "@cdktf/provider-google/lib/project-iam-custom-role";
import { Construct } from "constructs";
import { Environment } from "../../environments/environment";
import { roleId } from "../../environments/naming";
import { CUSTOM_ROLES } from "../identity/custom-roles";

export interface PlatformRolesProps {
  readonly environment: Pick<Environment, "name" | "projectId">;
}

/**
 * The platform's own roles. They are here and not in the environment's stack, because who may change a role can give
 * everybody who has it, itself too, any permission.
 */
export class PlatformRoles extends Construct {
  constructor(scope: Construct, id: string, props: PlatformRolesProps) {
    super(scope, id);
    const { name, projectId } = props.environment;
    for (const [role, { title, permissions }] of Object.entries(CUSTOM_ROLES)) {
      new ProjectIamCustomRole(this, role, {
        project: projectId,
        roleId: roleId(name, role),
        title: `Sales platform (${name}): ${title}`,
        permissions: [...permissions],
      });
    }
  }
}

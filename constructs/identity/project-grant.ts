import { ProjectIamMember, ProjectIamMemberCondition } from "@cdktf/provider-google/lib/project-iam-member";
import { Construct } from "constructs";
import { Grantee } from "./workload-identity";

export interface ProjectGrant {
  readonly projectId: string;
  readonly grantee: Grantee;
  readonly role: string;
  /** @default - the role holds for every resource of the project */
  readonly condition?: ProjectIamMemberCondition;
}

/** Grants a role on the project. Prefer a grant on the resource itself where its service has one. */
export function grantOnProject(scope: Construct, id: string, grant: ProjectGrant): ProjectIamMember {
  const { projectId, grantee, role, condition } = grant;
  return new ProjectIamMember(scope, id, { project: projectId, role, member: grantee.member, condition });
}

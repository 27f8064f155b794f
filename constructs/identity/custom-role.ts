import { Environment } from "../../environments/environment";
import { roleId } from "../../environments/naming";
import { CustomRole } from "./custom-roles";

/** Full name of a role of the platform's own, as grants take it; bootstrap creates the role. */
export function customRole(environment: Pick<Environment, "name" | "projectId">, role: CustomRole): string {
  return `projects/${environment.projectId}/roles/${roleId(environment.name, role)}`;
}

import { Environment } from "../../environments/environment";

/**
 * The one answer to "may this be destroyed?": every deletion protection, `force_destroy` and
 * `delete_contents_on_destroy` of a stack is derived from it.
 */
export function isProtected(environment: Environment): boolean {
  return environment.protection === "protected";
}

import { Environment } from "../../environments/environment";

/**
 * Whether the environment's data is protected from deletion. Every deletion protection, `force_destroy` and
 * `delete_contents_on_destroy` of a stack is derived from this.
 */
export function isProtected(environment: Pick<Environment, "protection">): boolean {
  return environment.protection === "protected";
}

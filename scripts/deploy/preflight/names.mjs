// Names that cannot be used again for a week after a destruction, or never: they are found before anything is made.
import { UserError } from "../../lib/cli.mjs";

/**
 * Refuses names of destroyed resources, with the setting to raise.
 * @param {{ name: string, projects: string[], resources: (type: string) => [string, any][] }} stack
 * @param {Set<string>} state addresses of what Terraform has
 */
export function check({ name, projects, resources }, cloud, state) {
  const [project] = projects;
  const file = `environments/${name}.ts`;
  const absent = (type) => resources(type).filter(([address]) => !state.has(address));
  const lines = [];
  for (const [, { bucket_id: id, location }] of absent("google_logging_project_bucket_config")) {
    const at = [id, `--location=${location}`, `--project=${project}`];
    if (
      cloud.ask("logging", "buckets", "describe", ...at, "--format=value(lifecycleState)") ===
      "DELETE_REQUESTED"
    )
      lines.push(
        `log bucket ${id} was deleted in the last seven days, as were database instances: raise operations.generation and database.generation in ${file}; if only the log was deleted, run \`gcloud logging buckets undelete ${at.join(" ")}\``,
      );
  }
  for (const [, { name: ring, location }] of absent("google_kms_key_ring")) {
    const at = [ring, `--location=${location}`, `--project=${project}`];
    if (cloud.ask("kms", "keyrings", "describe", ...at, "--format=value(name)") !== undefined)
      lines.push(
        `key ring ${ring} is there for ever and is not in the state: raise customerKeys.generation in ${file}`,
      );
  }
  if (lines.length > 0) throw new UserError(lines.join("\nerror: "));
}

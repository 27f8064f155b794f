// What the commands read from a synthesized stack.
import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * @param {string} folder its folder under cdktf.out/stacks
 * @returns {{ projects: string[], apis: string[], stateBucket: string | undefined, outputs: string[],
 *   resources: (type: string) => [address: string, attributes: object][] }}
 */
export function readStack(folder) {
  const { provider, terraform, resource, output } = JSON.parse(
    readFileSync(join(folder, "cdk.tf.json"), "utf8"),
  );
  const resources = (type) =>
    Object.entries(resource[type] ?? {}).map(([id, attributes]) => [`${type}.${id}`, attributes]);
  return {
    projects: [...new Set(provider.google.map(({ project }) => project))],
    apis: [...new Set(resources("google_project_service").map(([, { service }]) => service))],
    stateBucket: terraform.backend.gcs?.bucket,
    outputs: Object.keys(output ?? {}),
    resources,
  };
}

// Values that belong to nobody or to somebody else; environments/placeholders.ts finds them.
import { UserError } from "../../lib/cli.mjs";

/**
 * @param {{ name: string, placeholders: { field: string, value: string, remedy: string }[] }[]} environments
 * @param {string[]} [fields] those that matter; all without it
 */
export function refusePlaceholders(environments, fields) {
  const lines = environments.flatMap(({ name, placeholders }) =>
    placeholders
      .filter(({ field }) => fields === undefined || fields.includes(field))
      .map(({ field, value, remedy }) => `${name}: ${field}: '${value}' is a placeholder: ${remedy}`),
  );
  if (lines.length > 0) throw new UserError(lines.join("\nerror: "));
}

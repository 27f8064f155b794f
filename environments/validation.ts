import { z } from "zod";
import { Environment, environmentSchema } from "./environment";

/** Messages about mistakes for which the schema has none of its own. */
const MESSAGES: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case "too_small":
      return `is less than ${issue.minimum}`;
    case "too_big":
      return `is more than ${issue.maximum}`;
    case "not_multiple_of":
      return `is not a multiple of ${issue.divisor}`;
    case "invalid_value":
      return `is not one of ${issue.values.join(", ")}`;
    case "invalid_type":
      if (issue.input === undefined) return "is missing";
      return issue.expected === "int" ? "is not a whole number" : `is not a ${issue.expected}`;
    case "unrecognized_keys":
      return `has unknown fields: ${issue.keys.join(", ")}`;
    default:
      return undefined;
  }
};

/** The value that a message is about, with a blank behind it; empty where it is not a text or a number. */
function valueAt(environment: Environment, path: readonly PropertyKey[]): string {
  const value = path.reduce<unknown>(
    (item, key) => (item as Record<PropertyKey, unknown> | undefined)?.[key],
    environment,
  );
  if (typeof value === "number") return `${value} `;
  return typeof value === "string" ? `'${value}' ` : "";
}

/**
 * Checks one environment before anything is built from it.
 *
 * @returns one line for each mistake, `<environment>: <field>: <value> <mistake and remedy>`
 */
export function validationErrors(environment: Environment): string[] {
  const { error } = environmentSchema.safeParse(environment, { error: MESSAGES });
  return (error?.issues ?? []).map(
    ({ path, message }) =>
      `${environment.name}: ${z.core.toDotPath(path)}: ${valueAt(environment, path)}${message}`,
  );
}

/**
 * Checks every environment, alone and together with the others.
 *
 * @throws Error with all mistakes, one a line
 */
export function validated(environments: readonly Environment[]): readonly Environment[] {
  const errors = environments.flatMap(validationErrors);
  for (const field of ["name", "projectId"] as const) {
    environments.forEach((environment, index) => {
      const first = environments.findIndex((other) => other[field] === environment[field]);
      if (first < index) {
        const owner = environments[first]?.name ?? "";
        errors.push(
          `${environment.name}: ${field}: '${environment[field]}' is taken by ${owner}, choose another`,
        );
      }
    });
  }
  if (errors.length > 0) throw new Error(errors.join("\n"));
  return environments;
}

/** All variables of the CI service as one JSON object: workflows pass it on, so that they need not name each variable. */
const ALL = "SALES_VARIABLES";

/**
 * Value of an environment variable, else of that name in `SALES_VARIABLES`.
 *
 * @returns undefined where it is not set or empty: CI services pass unset variables as empty ones
 * @throws Error when `SALES_VARIABLES` is not a JSON object
 */
export function variable(name: string): string | undefined {
  return [process.env[name], passedOn()[name]].find((value) => value !== undefined && value !== "");
}

/** Values of an environment variable that lists them with commas; without it `otherwise`. */
export function list(name: string, otherwise: readonly string[]): readonly string[] {
  const values = (variable(name) ?? "").split(",").map((value) => value.trim());
  const given = values.filter((value) => value !== "");
  return given.length > 0 ? given : otherwise;
}

function passedOn(): Readonly<Record<string, string>> {
  const text = process.env[ALL];
  if (!text) return {};
  try {
    return JSON.parse(text) as Record<string, string>;
  } catch {
    throw new Error(
      `${ALL} is not JSON: pass the variables as one object, in GitHub Actions \`toJSON(vars)\``,
    );
  }
}

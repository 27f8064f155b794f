import type { Environment } from "./environment";
import { COMMON_VARIABLES, variableOf } from "./owner";

/** A value that nobody has or that belongs to somebody else. */
export interface Placeholder {
  /** Path in the environment, as in the messages about mistakes. */
  readonly field: string;
  readonly value: string;
  /** What to set. */
  readonly remedy: string;
}

/** Texts that no real setting holds: names of ours, domains of RFC 2606 and RFC 6761, networks of RFC 5737. */
const PATTERNS = [
  /^placeholder-/,
  /[@.:]example\.(com|org|net)$/,
  /\.(example|invalid|test)$/,
  /^(192\.0\.2|198\.51\.100|203\.0\.113)\.\d+\/\d+$/,
];

/** Variables that give fields their values. */
function variableFor(field: string, environment: string): string | undefined {
  const variables: Readonly<Record<string, string>> = {
    projectId: variableOf(environment, "projectId"),
    "orchestration.webAccess": variableOf(environment, "webAccess"),
    "access.analysts": variableOf(environment, "analysts"),
    "access.biReaders": variableOf(environment, "biReaders"),
    "notifications.emails": COMMON_VARIABLES.emails,
    "notifications.hosts": COMMON_VARIABLES.hosts,
    "operations.alertEmails": COMMON_VARIABLES.emails,
  };
  return Object.entries(variables).find(([known]) => field.startsWith(known))?.[1];
}

/** Every placeholder of an environment. A synth works with them, a deployment is refused. */
export function placeholdersOf(environment: Environment): Placeholder[] {
  const { name } = environment;
  const found: Placeholder[] = [];
  const walk = (field: string, value: unknown): void => {
    if (typeof value === "string") {
      if (!PATTERNS.some((pattern) => pattern.test(value))) return;
      const variable = variableFor(field, name);
      const set = variable === undefined ? "" : `set ${variable}, or `;
      found.push({ field, value, remedy: `${set}write your own into environments/${name}.ts` });
    } else if (Array.isArray(value)) {
      value.forEach((item, index) => {
        walk(`${field}[${index}]`, item);
      });
    } else if (typeof value === "object" && value !== null) {
      for (const [key, item] of Object.entries(value)) walk(field === "" ? key : `${field}.${key}`, item);
    }
  };
  walk("", environment);
  return found;
}

/** Whether somebody owns the environment's project. */
export function hasProject(environment: Environment): boolean {
  return placeholdersOf(environment).every(({ field }) => field !== "projectId");
}

// The frame of every npm command: one main function, options, errors as one line, the user's folder.
import { parseArgs } from "node:util";

/** The folder in which the user called npm, which itself changes to the checkout: relative paths start there. */
export const userFolder = () => process.env.INIT_CWD ?? process.cwd();

/** An error shown as one line, without a stack trace. */
export class UserError extends Error {
  /** @param {string} message what is wrong and the remedy @param {number} code the exit code */
  constructor(message, code = 1) {
    super(message);
    this.code = code;
  }
}

/** Runs a command's main function; a {@link UserError} becomes one line and its exit code. */
export async function main(body) {
  try {
    process.exitCode = (await body(process.argv.slice(2))) ?? 0;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    console.error(`error: ${error.message}`);
    process.exitCode = error.code;
  }
}

/**
 * Parses options that each take a value; all others, and positional arguments, are refused with exit code 2.
 * @param {string[]} args
 * @param {Record<string, { default?: string, optional?: boolean }>} options by name; one without a default is required
 * @param {string} usage the options as a user writes them
 * @returns {Record<string, string | undefined>} the values by name
 */
export function parseOptions(args, options, usage) {
  refuseOptionsTakenByNpm(args, Object.keys(options));
  let values;
  try {
    const known = Object.entries(options).map(([name, { default: value }]) => [
      name,
      { type: "string", ...(value !== undefined && { default: value }) },
    ]);
    ({ values } = parseArgs({ args, options: Object.fromEntries(known) }));
  } catch (error) {
    throw new UserError(`${error.message}: the options are ${usage}`, 2);
  }
  for (const [name, { optional }] of Object.entries(options)) {
    if (!optional && !values[name]) throw new UserError(`--${name} is missing: the options are ${usage}`, 2);
  }
  return values;
}

/** Refuses `npm run dag --lake DIR`: without a lone `--`, npm keeps the option and passes on at most its value. */
export function refuseOptionsTakenByNpm(args, names) {
  const taken = names.find(
    (name) =>
      process.env[`npm_config_${name.replaceAll("-", "_")}`] !== undefined &&
      !args.some((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`)),
  );
  if (taken === undefined) return;
  const command = process.env.npm_lifecycle_event ?? "COMMAND";
  throw new UserError(
    `npm kept --${taken} for itself: write \`npm run ${command} -- --${taken} ...\`, with \`--\` before the options`,
    2,
  );
}

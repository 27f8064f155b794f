// The frame of every npm command: one main function, errors as one line, the user's folder.

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

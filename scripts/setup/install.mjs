// Running an installer quietly.
import { UserError } from "../lib/cli.mjs";
import { runToFile } from "../lib/process.mjs";
import { at } from "./files.mjs";

const TICK_MS = 15_000;

/**
 * Runs an installer; its output goes to `.setup/<part>.log` and is shown when it fails.
 * @param {string} part names the log, so that parts installed at the same time do not share one
 */
export async function install(part, command, args, options = {}) {
  const started = Date.now();
  // A line every 15 seconds: a slow network looks different from a hang.
  const ticker = setInterval(() => {
    console.error(`set-up: ... still installing ${part}, ${((Date.now() - started) / 1000).toFixed(0)} s`);
  }, TICK_MS);
  const { code, text } = await runToFile(at(".setup", `${part}.log`), command, args, options)
    .catch((error) => ({ code: error.message, text: "" }))
    .finally(() => clearInterval(ticker));
  if (code !== 0) {
    console.error(text.trimEnd().split("\n").slice(-20).join("\n"));
    throw new UserError(
      `'${command} ${args.slice(0, 3).join(" ")} ...' failed (${code}): see above; check the network and run the command again`,
      // Propagates the exit code of a signal.
      code > 128 ? code : 1,
    );
  }
}

// The forecast of revenue, after a run of the job.
import { parseArgs } from "node:util";
import { userFolder } from "../lib/cli.mjs";
import { root, run } from "../lib/process.mjs";
import { ensure, python } from "../setup/parts.mjs";

/**
 * Brings the tables of the forecast up to date. A failure is logged and no more: the run's own tables are right.
 * @param {string[]} args the job's arguments
 */
export async function updateForecast(args) {
  const { values } = parseArgs({ args, options: { warehouse: { type: "string" } }, strict: false });
  if (typeof values.warehouse !== "string") return;
  // Standard output ends with the job's line.
  const stdio = ["ignore", "ignore", "inherit"];
  const env = { ...process.env, PYTHONPATH: root };
  const command = ["-m", "forecast", "--warehouse", values.warehouse];
  try {
    await ensure("forecast");
    const code = await run(python("forecast"), command, { cwd: userFolder(), env, stdio });
    if (code !== 0) throw new Error(`it ended with ${code}`);
  } catch (error) {
    console.error(`warning: the forecast is not up to date: ${error.message}`);
  }
}

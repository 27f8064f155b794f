// What the report is made of besides the warehouse.
import { join } from "node:path";
import { UserError } from "../lib/cli.mjs";
import { capture, root } from "../lib/process.mjs";

/** Needs the part `report` of the set-up. */
export const TEMPLATE = join(root, "dist/report_template.html");

/** @returns {string} what the platform costs, as JSON */
export function cost() {
  const { status, stdout, stderr } = capture(process.execPath, [
    "-r",
    "ts-node/register/transpile-only",
    join(root, "report/cost.ts"),
  ]);
  if (status !== 0) throw new UserError(`the cost cannot be estimated: ${stderr.trim()}`);
  return stdout;
}

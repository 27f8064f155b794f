// Steps that deploy, diff and destroy share: arguments, preflight, synth, and Terraform on the synthesized JSON.
//
// Terraform runs directly on the JSON, not under the cdktf command, which starts the same terraform, asks questions
// only on a terminal, and belongs to an archived project.
import { copyFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { readEnvironments } from "./environments.mjs";
import { requireAll } from "./preflight.mjs";
import { Cloud } from "./preflight/cloud.mjs";
import { refusePlaceholders } from "./preflight/placeholders.mjs";
import { requireTools, verifyJars } from "./preflight/tools.mjs";
import { pause, reasonsToRetry, runAndRead, TRIES } from "./retry.mjs";
import { readStack } from "./stack.mjs";
import { UserError } from "../lib/cli.mjs";
import { capture, root, run } from "../lib/process.mjs";
import { ensure } from "../setup/parts.mjs";
import { runTypeScript } from "../lib/typescript.mjs";

const BOOTSTRAP = "bootstrap";
const PLAN = "plan.tfplan";

/**
 * @returns {Promise<{ name: string, isProtected: boolean, flags: Set<string> }>} the named stack, whether it is protected
 * from destruction, and the flags
 */
export async function parseStack(command, args, allowed) {
  const usage = `usage: npm run ${command} -- ENVIRONMENT${allowed.map((flag) => ` [${flag}]`).join("")}`;
  const names = args.filter((arg) => !arg.startsWith("--"));
  const flags = args.filter((arg) => arg.startsWith("--"));
  const unknown = flags.find((flag) => !allowed.includes(flag));
  if (unknown) throw new UserError(`${unknown} is not an option of ${command}; ${usage}`, 2);
  if (names.length !== 1) throw new UserError(`${command} takes one environment; ${usage}`, 2);
  const { environments } = await readEnvironments();
  const stacks = [...environments, { name: BOOTSTRAP, isProtected: true, environments }];
  const found = stacks.find((stack) => stack.name === names[0]);
  if (!found)
    throw new UserError(
      `there is no environment ${names[0]}, there are ${stacks.map(({ name }) => name).join(", ")}; ${usage}`,
      2,
    );
  return { ...found, flags: new Set(flags) };
}

/**
 * Refuses a stack with values that nobody owns. Bootstrap covers the environments that have a project; it needs one.
 * @param {string[]} [fields] those that matter for an environment; all without it
 */
export function requireOwner({ name, placeholders, environments }, fields) {
  if (name !== BOOTSTRAP) return refusePlaceholders([{ name, placeholders }], fields);
  const free = environments.filter((one) => one.placeholders.some(({ field }) => field === "projectId"));
  if (free.length === environments.length) refusePlaceholders(free.slice(0, 1), ["projectId"]);
}

/**
 * Preflight and synth.
 * @returns the synthesized stack (see stack.mjs), Terraform in its folder, gcloud, and the addresses in its state
 */
export async function prepare(name) {
  const tool = requireTools();
  const cloud = new Cloud();
  await ensure("node", "jars", "bundle", "report");
  verifyJars();
  if ((await runTypeScript("main.ts")) !== 0) throw new UserError("the stacks do not synthesize: see above");
  const folder = join(root, "cdktf.out/stacks", name);
  if (!existsSync(folder)) throw new UserError(`nothing was synthesized for ${name}`);
  const stack = readStack(folder);
  const { quotasUnknown } = requireAll(stack, cloud);
  // Terraform installs no other package of the provider. A source of one's own, which that variable names, vouches for itself.
  if (process.env.TF_CLI_CONFIG_FILE === undefined)
    copyFileSync(join(root, "scripts/deploy/providers.lock.hcl"), join(folder, ".terraform.lock.hcl"));
  const env = { ...process.env, CHECKPOINT_DISABLE: "1", TF_IN_AUTOMATION: "1", TF_INPUT: "0" };
  const terraform = (...args) => run(tool, args, { cwd: folder, env });
  const read = (...args) => runAndRead(tool, args, { cwd: folder, env });
  const list = () =>
    capture(tool, ["state", "list"], { cwd: folder, env }).stdout.split("\n").filter(Boolean);
  const output = () => JSON.parse(capture(tool, ["output", "-json"], { cwd: folder, env }).stdout || "{}");
  const planned = () =>
    JSON.parse(capture(tool, ["show", "-json", PLAN], { cwd: folder, env }).stdout || "{}");
  if ((await terraform("init", "-input=false")) !== 0)
    throw new UserError(
      "terraform init failed: see above; the state's bucket and the provider have to be reached",
    );
  return { ...stack, name, terraform, read, output, planned, cloud, quotasUnknown, state: new Set(list()) };
}

/** Writes the plan file that {@link apply} applies. @returns {Promise<boolean>} whether it changes anything */
export async function plan({ terraform }, ...args) {
  const code = await terraform("plan", "-lock-timeout=5m", "-detailed-exitcode", `-out=${PLAN}`, ...args);
  if (code !== 0 && code !== 2) throw new UserError("terraform plan failed: see above");
  return code === 2;
}

/**
 * Applies the plan file of {@link plan}. What Google refuses only for a while is planned and applied again.
 * @param {string[]} args of the plan
 */
export async function apply(stack, ...args) {
  for (let tries = 1; ; tries += 1) {
    const { code, text } = await stack.read("apply", "-lock-timeout=5m", PLAN);
    if (code === 0) return;
    const reasons = reasonsToRetry(text);
    if (reasons.length === 0 || tries === TRIES)
      throw new UserError(
        `terraform apply failed${tries === 1 ? "" : ` ${tries} times`}: see above; what it made is kept, and the same command goes on from there`,
      );
    console.error(
      `${reasons.join(", and ")}: this passes by itself. The rest is planned and applied again in a minute, try ${tries + 1} of ${TRIES}.`,
    );
    await pause();
    if (!(await plan(stack, ...args))) return;
  }
}

/** Asks for the environment's name, and throws unless it is typed. */
export async function confirm(question, name, flags) {
  if (flags.has("--yes")) return;
  if (!process.stdin.isTTY)
    throw new UserError("there is no terminal to ask on: give --yes to go on without a question", 2);
  const reader = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await reader.question(`${question} Type ${name} to go on: `);
  reader.close();
  if (answer.trim() !== name) throw new UserError("nothing was changed");
}

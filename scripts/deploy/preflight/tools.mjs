// What has to be on the machine.
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { requireNode } from "../../setup/prerequisites.mjs";
import { UserError } from "../../lib/cli.mjs";
import { capture, root } from "../../lib/process.mjs";

const OLDEST_TERRAFORM = [1, 5];

/** @returns {string} "terraform" or "tofu", whichever is on PATH and new enough; also looks for gcloud */
export function requireTools() {
  requireNode();
  const terraform = ["terraform", "tofu"].find((name) => capture(name, ["version"]).status === 0);
  if (!terraform)
    throw new UserError(
      "terraform was not found on PATH: install Terraform 1.5 or newer (or OpenTofu as `tofu`)",
    );
  const version = terraformVersion(terraform);
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major < OLDEST_TERRAFORM[0] || (major === OLDEST_TERRAFORM[0] && minor < OLDEST_TERRAFORM[1]))
    throw new UserError(`${terraform} is ${version}: install ${OLDEST_TERRAFORM.join(".")} or newer`);
  if (capture("gcloud", ["version"]).status !== 0)
    throw new UserError("gcloud was not found on PATH: install the Google Cloud CLI");
  return terraform;
}

function terraformVersion(terraform) {
  const { stdout } = capture(terraform, ["version", "-json"], {
    env: { ...process.env, CHECKPOINT_DISABLE: "1" },
  });
  try {
    return JSON.parse(stdout).terraform_version;
  } catch {
    throw new UserError(`\`${terraform} version -json\` printed no version: install Terraform 1.5 or newer`);
  }
}

/** Checks the SHA-256 of every shipped jar against jars/jars.json. */
export function verifyJars(folder = join(root, "jars")) {
  const { jars } = JSON.parse(readFileSync(join(folder, "jars.json"), "utf8"));
  for (const { file, sha256 } of jars) {
    const path = join(folder, file);
    if (!existsSync(path)) throw new UserError(`jars/${file} is missing: run \`npm run setup -- jars\``);
    if (createHash("sha256").update(readFileSync(path)).digest("hex") !== sha256)
      throw new UserError(
        `jars/${file} has another SHA-256 than jars/jars.json: delete it and run \`npm run setup -- jars\``,
      );
  }
}

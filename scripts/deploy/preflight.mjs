// Checks before a command changes anything in the cloud. Every failure is one line with its remedy.
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { requireNode } from "../setup/prerequisites.mjs";
import { UserError } from "../lib/cli.mjs";
import { capture, root } from "../lib/process.mjs";

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

/**
 * Reads projects, APIs, state bucket and outputs from a synthesized stack.
 * @param {string} folder its folder under cdktf.out/stacks
 * @returns {{ projects: string[], apis: string[], stateBucket: string | undefined, outputs: string[] }}
 */
export function readStack(folder) {
  const { provider, terraform, resource, output } = JSON.parse(
    readFileSync(join(folder, "cdk.tf.json"), "utf8"),
  );
  const services = Object.values(resource.google_project_service ?? {});
  return {
    projects: [...new Set(provider.google.map(({ project }) => project))],
    apis: [...new Set(services.map(({ service }) => service))],
    stateBucket: terraform.backend.gcs?.bucket,
    outputs: Object.keys(output ?? {}),
  };
}

/** Calls gcloud with the credentials that Terraform uses. Their token stays in this process. */
export class Cloud {
  constructor() {
    const { status, stdout } = capture("gcloud", ["auth", "application-default", "print-access-token"]);
    if (status !== 0 || stdout.trim() === "")
      throw new UserError(
        "there are no application default credentials: run `gcloud auth application-default login`",
      );
    this.env = {
      ...process.env,
      CLOUDSDK_AUTH_ACCESS_TOKEN: stdout.trim(),
      CLOUDSDK_CORE_DISABLE_PROMPTS: "1",
    };
  }

  /** @returns {string | undefined} the output of gcloud; undefined when it failed */
  ask(...args) {
    const { status, stdout } = capture("gcloud", args, { env: this.env });
    return status === 0 ? stdout.trim() : undefined;
  }

  /** Refuses to go on unless the projects and the state bucket of a stack can be used. */
  requireAll({ projects, apis, stateBucket }) {
    for (const project of projects) {
      const missing = this.requireProject(project, apis);
      if (missing.length > 0) console.error(`project ${project}: the apply enables ${missing.join(", ")}`);
    }
    if (stateBucket !== undefined) this.requireStateBucket(stateBucket);
  }

  /** Refuses a project that is missing, without billing, or whose APIs cannot be listed; returns the APIs to enable. */
  requireProject(project, apis) {
    if (this.ask("projects", "describe", project, "--format=value(lifecycleState)") !== "ACTIVE")
      throw new UserError(
        `project ${project} is not there or not yours to see: make it with \`gcloud projects create ${project}\`, or set SALES_<ENVIRONMENT>_PROJECT to your own`,
      );
    if (this.ask("billing", "projects", "describe", project, "--format=value(billingEnabled)") !== "True")
      throw new UserError(
        `project ${project} has no billing account: link one with \`gcloud billing projects link ${project} --billing-account=ACCOUNT_ID\``,
      );
    const enabled = this.ask(
      "services",
      "list",
      "--enabled",
      `--project=${project}`,
      "--format=value(config.name)",
    );
    if (enabled === undefined)
      throw new UserError(
        `the APIs of project ${project} cannot be listed: run \`gcloud services enable serviceusage.googleapis.com cloudresourcemanager.googleapis.com --project=${project}\``,
      );
    const names = new Set(enabled.split(/\s+/));
    return apis.filter((api) => !names.has(api));
  }

  /** Refuses to go on without a versioned bucket for the environment's state. */
  requireStateBucket(bucket) {
    const found = this.ask(
      "storage",
      "buckets",
      "describe",
      `gs://${bucket}`,
      "--format=value(versioning_enabled)",
    );
    if (found === undefined)
      throw new UserError(`state bucket ${bucket} is not there: run \`npm run deploy -- bootstrap\` first`);
    if (found !== "True")
      throw new UserError(
        `state bucket ${bucket} keeps no versions: run \`npm run deploy -- bootstrap\` to turn versioning on`,
      );
  }
}

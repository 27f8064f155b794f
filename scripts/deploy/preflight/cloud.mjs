// gcloud with the credentials that Terraform uses.
import { UserError } from "../../lib/cli.mjs";
import { capture } from "../../lib/process.mjs";

export class Cloud {
  /** The token stays in this process and its children. */
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
}

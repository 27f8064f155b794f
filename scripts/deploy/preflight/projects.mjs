// The projects of a stack: there, paid for, and ready to enable APIs.
import { UserError } from "../../lib/cli.mjs";

/** @returns {Map<string, string[]>} the APIs that the apply enables, by project */
export function check({ projects, apis }, cloud) {
  return new Map(projects.map((project) => [project, missingApis(project, apis, cloud)]));
}

function missingApis(project, apis, cloud) {
  if (cloud.ask("projects", "describe", project, "--format=value(lifecycleState)") !== "ACTIVE")
    throw new UserError(
      `project ${project} is not there or not yours to see: make it with \`gcloud projects create ${project}\`, or set SALES_<ENVIRONMENT>_PROJECT to your own`,
    );
  if (cloud.ask("billing", "projects", "describe", project, "--format=value(billingEnabled)") !== "True")
    throw new UserError(
      `project ${project} has no billing account: link one with \`gcloud billing projects link ${project} --billing-account=ACCOUNT_ID\``,
    );
  const format = "--format=value(config.name)";
  const enabled = cloud.ask("services", "list", "--enabled", `--project=${project}`, format);
  if (enabled === undefined)
    throw new UserError(
      `the APIs of project ${project} cannot be listed: run \`gcloud services enable serviceusage.googleapis.com cloudresourcemanager.googleapis.com --project=${project}\``,
    );
  const names = new Set(enabled.split(/\s+/));
  const missing = apis.filter((api) => !names.has(api));
  if (missing.length > 0) console.error(`project ${project}: the apply enables ${missing.join(", ")}`);
  return missing;
}

// Google's own service accounts of a project. The stack grants them the use of its keys, and Google refuses a grant to
// an account that does not exist yet; the released Terraform provider cannot create them (pg#22521).
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { Cloud } from "./preflight.mjs";
import { UserError } from "../lib/cli.mjs";
import { root } from "../lib/process.mjs";

const TRIES = 120;
const PAUSE_MS = 250;

/** Where a service's API is; gcloud reads the same variable. */
const address = (service) =>
  process.env[`CLOUDSDK_API_ENDPOINT_OVERRIDES_${service.toUpperCase()}`] ??
  `https://${service}.googleapis.com/`;

async function call({ token, project }, service, path, method = "GET") {
  // A user's token belongs to no project, and some APIs refuse a call without a project to charge.
  const headers = { authorization: `Bearer ${token}`, "x-goog-user-project": project };
  const response = await fetch(new URL(path, address(service)), { method, headers });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return response.json();
}

/** Agents that a long-running operation creates, in some seconds. */
const identity = (service) => ({
  service,
  remedy: (project) =>
    `gcloud beta services identity create --service=${service}.googleapis.com --project=${project}`,
  async request(caller) {
    const path = `v1beta1/projects/${caller.project}/services/${service}.googleapis.com:generateServiceIdentity`;
    let operation = await call(caller, "serviceusage", path, "POST");
    for (let tries = 0; !operation.done; tries += 1) {
      if (tries === TRIES) throw new Error(`no answer after ${(TRIES * PAUSE_MS) / 1000} s`);
      await setTimeout(PAUSE_MS);
      operation = await call(caller, "serviceusage", `v1/${operation.name}`);
    }
    if (operation.error) throw new Error(operation.error.message);
  },
});

/** Agents that the service creates when its address is requested. */
const byAddress = (service, path, remedy) => ({
  service,
  remedy,
  request: (caller) => call(caller, service, `${path}/projects/${caller.project}/serviceAccount`),
});

/** Agents that enabling an API does not create, by the domain of their address. */
const AGENTS = {
  "bigquery-encryption": byAddress(
    "bigquery",
    "bigquery/v2",
    (project) => `bq show --encryption_service_account --project_id=${project}`,
  ),
  "gcp-sa-artifactregistry": identity("artifactregistry"),
  "gcp-sa-cloud-sql": identity("sqladmin"),
  "gcp-sa-pubsub": identity("pubsub"),
  "gcp-sa-secretmanager": identity("secretmanager"),
  "gs-project-accounts": byAddress(
    "storage",
    "storage/v1",
    (project) => `gcloud storage service-agent --project=${project}`,
  ),
};

/** Creates every service agent that a synthesized stack names, in each project; existing ones stay as they are. */
export async function requestServiceAgents(stack, projects) {
  const text = readFileSync(join(root, "cdktf.out/stacks", stack, "cdk.tf.json"), "utf8");
  const domains = Object.keys(AGENTS).filter((domain) => text.includes(`@${domain}.iam.gserviceaccount.com`));
  if (domains.length === 0) return;
  const apis = domains.map((domain) => `${AGENTS[domain].service}.googleapis.com`);
  const cloud = new Cloud();
  const token = cloud.env.CLOUDSDK_AUTH_ACCESS_TOKEN;
  for (const project of projects) {
    // The stack enables them too, but without waiting for that before its grants.
    if (cloud.ask("services", "enable", ...apis, `--project=${project}`) === undefined)
      throw new UserError(
        `APIs of project ${project} cannot be enabled: run \`gcloud services enable ${apis.join(" ")} --project=${project}\``,
      );
    for (const domain of domains) {
      await AGENTS[domain].request({ token, project }).catch((error) => {
        throw new UserError(
          `service agent ${domain} of project ${project} was not created (${error.cause?.code ?? error.message}): run \`${AGENTS[domain].remedy(project)}\`, then the same command again`,
        );
      });
    }
  }
}

import { environments } from "../../environments";
import { at, Attributes, Plan } from "./support/fixture";
import { synthesizedStacks } from "./support/synthesized-stacks";

const { plan } = synthesizedStacks();

const LABEL_KEYS = ["environment", "application", "component", "cost-center", "team"];

/** Addresses that a resource names, in its attributes or in `depends_on`. */
function waitsFor(stack: Plan, address: string): string[] {
  const text = JSON.stringify(stack.resources.get(address));
  return [...stack.resources.keys()].filter(
    (other) =>
      other !== address &&
      (text.includes(`\${${other}.`) || text.includes(`"${other}"`) || text.includes(`{${other}.`)),
  );
}

/** Every resource that Terraform creates before this one. */
function before(stack: Plan, start: string): Set<string> {
  const seen = new Set<string>();
  const open = [start];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const one of waitsFor(stack, next)) {
      if (seen.has(one)) continue;
      seen.add(one);
      open.push(one);
    }
  }
  return seen;
}

function address(stack: Plan, type: string): string {
  const found = [...stack.resources.keys()].filter((one) => new RegExp(`^${type}[._]`).test(one));
  if (!found[0]) throw new Error(type);
  return found[0];
}

/** API of the service that each agent belongs to, from Google's reference of service agents. */
const API_OF_AGENT: Readonly<Record<string, string>> = {
  "cloudcomposer-accounts": "composer",
  "compute-system": "compute",
  "container-engine-robot": "container",
  "dataproc-accounts": "dataproc",
  "gcp-sa-artifactregistry": "artifactregistry",
  "gcp-sa-cloud-sql": "sqladmin",
  "gcp-sa-dataplex": "dataplex",
  "gcp-sa-pubsub": "pubsub",
  "gcp-sa-secretmanager": "secretmanager",
};

/** Shell script that a pause runs. */
function script(stack: Plan, pause: string): string {
  return String(at(stack.resources.get(pause), "provisioner.local-exec.command"));
}

const SLOW = ["google_composer_environment", "google_sql_database_instance", "google_dataproc_cluster"];

describe.each(environments)("order of $name", ({ name }) => {
  const stack = plan(name);
  const READY = address(stack, "terraform_data.apis_ready_resource");

  test("Composer, Cloud SQL and Dataproc do not wait for each other", () => {
    for (const type of SLOW) {
      const waits = [...before(stack, address(stack, type))];
      expect(waits.filter((one) => SLOW.some((other) => one.startsWith(`${other}.`)))).toEqual([]);
    }
  });

  test("only alerts and objectives wait for Composer: after it Cloud Monitoring knows the log-based metrics", () => {
    const composer = address(stack, "google_composer_environment");
    const waiting = [...stack.resources.keys()].filter((one) => waitsFor(stack, one).includes(composer));
    const watching = [...stack.resources.keys()].filter((one) =>
      /^google_monitoring_(alert_policy|slo)\./.test(one),
    );
    expect(waiting).toEqual(watching);
    expect(waiting.length).toBeGreaterThan(3);
  });

  test("cluster and Composer wait for their grants, the network and the route to Google's APIs (mm#10403)", () => {
    const cluster = before(stack, address(stack, "google_dataproc_cluster"));
    const composer = before(stack, address(stack, "google_composer_environment"));
    const needs = (waits: Set<string>, part: RegExp): void => {
      expect([...waits].filter((one) => part.test(one))).not.toEqual([]);
    };
    for (const waits of [cluster, composer]) {
      needs(waits, /^google_compute_router_nat\./);
      needs(waits, /^google_compute_firewall\./);
      needs(waits, /^google_dns_record_set\.dns_googleapis/);
    }
    needs(cluster, /access_processing-worker/);
    needs(cluster, /access_processing-staging/);
    needs(composer, /access_orchestrator-worker/);
    needs(composer, /access_orchestrator-jobs/);
  });

  test("every resource waits for its API, and destroying disables none (pg#1393, pg#8214, pg#7849)", () => {
    for (const [one, item] of stack.resources) {
      if (one.startsWith("google_project_service.")) {
        expect(item.disable_on_destroy).toBe(false);
      } else if (!one.startsWith("terraform_data.")) {
        expect([one, item.depends_on]).toEqual([one, expect.arrayContaining([READY]) as unknown]);
        const apis = (item.depends_on as string[]).filter((other) =>
          other.startsWith("google_project_service."),
        );
        expect([one, apis.length]).toEqual([one, 1]);
      }
    }
  });

  test("a grant to a service agent waits for the agent's own API, and for the pause after it", () => {
    const grants = [...stack.resources].filter(([, { member }]) => /@[a-z-]+\.iam/.test(String(member)));
    const agents = grants.filter(([, { member }]) => String(member).startsWith("serviceAccount:service-"));
    expect(agents.length).toBeGreaterThan(8);
    for (const [one, { member }] of agents) {
      const domain = /@([a-z-]+)\.iam\.gserviceaccount\.com$/.exec(String(member))?.[1] ?? "";
      const waits = [...before(stack, one)];
      expect([
        domain,
        waits.filter((other) => other.includes(`.apis_${API_OF_AGENT[domain] ?? "?"}_`)),
      ]).toEqual([domain, [expect.any(String)]]);
      expect(waits).toContain(READY);
    }
  });

  test("the pause after the APIs asks for every agent that does not come with its API", () => {
    const named = [...JSON.stringify(stack.json).matchAll(/@([a-z-]+)\.iam\.gserviceaccount\.com/g)].map(
      ([, domain = ""]) => API_OF_AGENT[domain],
    );
    const asked = [...script(stack, READY).matchAll(/(\w+)\.googleapis\.com:generateServiceIdentity/g)];
    const needed = new Set(named.filter((api) => api !== undefined && api !== "compute"));
    expect(asked.map(([, api]) => api)).toEqual([...needed].sort());
    // These two are created by being read. BigQuery's is not read by a plan: that takes bigquery.jobs.create.
    expect(Object.keys(stack.json.data as object)).toEqual(["google_storage_project_service_account"]);
    expect(script(stack, READY)).toMatch(
      /^ask https:\/\/bigquery\.googleapis\.com\/bigquery\/v2\/projects\/[a-z-]+\/serviceAccount$/m,
    );
  });

  test("a data source depends on one API alone: a new API must not make grants unknown and replace them", () => {
    for (const ofType of Object.values(stack.json.data as Record<string, Record<string, Attributes>>))
      for (const { depends_on: waits } of Object.values(ofType))
        expect(waits).toEqual([expect.stringMatching(/^google_project_service\.apis_storage_\w+$/)]);
  });

  test("whatever a key encrypts waits for a pause after the key's grants", () => {
    const pauses = [...stack.resources.keys()].filter((one) =>
      /^terraform_data\.keys_[a-z-]+-usable_/.test(one),
    );
    const encrypted = [...stack.resources].filter(([, item]) =>
      JSON.stringify({ ...item, depends_on: [] }).includes("${google_kms_crypto_key.keys_"),
    );
    const used = encrypted.filter(([one]) => !one.startsWith("google_kms_"));
    expect(used.length).toBeGreaterThan(10);
    for (const [one] of used) {
      const waits = before(stack, one);
      expect([one, pauses.filter((pause) => waits.has(pause))]).not.toEqual([one, []]);
    }
    for (const pause of pauses) {
      const key = /keys_([a-z-]+)-usable_/.exec(pause)?.[1] ?? "";
      const grants = [...stack.resources.keys()].filter((one) =>
        new RegExp(`^google_kms_crypto_key_iam_member\\.keys_${key}-[a-zA-Z]+_`).test(one),
      );
      expect((stack.resources.get(pause)?.depends_on as string[]).sort()).toEqual(grants.sort());
      expect(script(stack, pause)).toBe("sleep 60");
    }
  });

  test("what takes half an hour waits for a bucket under the key, a use that fails at once", () => {
    for (const type of SLOW) {
      const waits = [...before(stack, address(stack, type))];
      expect(waits).toContainEqual(expect.stringMatching(/^google_storage_bucket\.lake_staging_bucket_/));
    }
  });

  test("no replacement is created before the old resource is destroyed (pg#647)", () => {
    for (const item of stack.resources.values()) {
      expect(at(item, "lifecycle.create_before_destroy")).toBeUndefined();
    }
  });

  test("every resource with labels has all of them", () => {
    const labelled = [...stack.resources].filter(
      ([, item]) => item.user_labels ?? item.labels ?? at(item, "settings.user_labels"),
    );
    expect(labelled.length).toBeGreaterThan(20);
    for (const [one, item] of labelled) {
      const labels = (item.user_labels ?? item.labels ?? at(item, "settings.user_labels")) as Record<
        string,
        string
      >;
      expect([one, LABEL_KEYS.filter((key) => !labels[key])]).toEqual([one, []]);
      expect(labels.environment).toBe(name);
    }
    const kinds = [
      "google_storage_bucket",
      "google_bigquery_dataset",
      "google_bigquery_table",
      "google_dataproc_cluster",
    ];
    for (const kind of [
      ...kinds,
      "google_composer_environment",
      "google_pubsub_topic",
      "google_kms_crypto_key",
    ]) {
      for (const item of stack.all(kind)) expect(item.labels).toBeDefined();
    }
  });
});

import { environments } from "../../environments";
import { at, Plan } from "./fixture";
import { synthesizedStacks } from "./synthesized-stacks";

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
  const found = [...stack.resources.keys()].filter((one) => one.startsWith(`${type}.`));
  if (!found[0]) throw new Error(type);
  return found[0];
}

const SLOW = ["google_composer_environment", "google_sql_database_instance", "google_dataproc_cluster"];

describe.each(environments)("order of $name", ({ name }) => {
  const stack = plan(name);

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
    needs(composer, /access_orchestrator-as-processing/);
  });

  test("every resource waits for its API, and destroying disables none (pg#1393, pg#8214, pg#7849)", () => {
    for (const [one, item] of stack.resources) {
      if (one.startsWith("google_project_service.")) {
        expect(item.disable_on_destroy).toBe(false);
      } else {
        const apis = (item.depends_on as string[]).filter((other) =>
          other.startsWith("google_project_service."),
        );
        expect([one, apis.length]).toEqual([one, 1]);
      }
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

import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BigqueryDataset } from "@cdktf/provider-google/lib/bigquery-dataset";
import { BigqueryDatasetIamMember } from "@cdktf/provider-google/lib/bigquery-dataset-iam-member";
import { BigqueryTable } from "@cdktf/provider-google/lib/bigquery-table";
import { ComputeFirewall } from "@cdktf/provider-google/lib/compute-firewall";
import { ComputeInstance } from "@cdktf/provider-google/lib/compute-instance";
import { DataprocCluster } from "@cdktf/provider-google/lib/dataproc-cluster";
import { MonitoringAlertPolicy } from "@cdktf/provider-google/lib/monitoring-alert-policy";
import { ProjectIamBinding } from "@cdktf/provider-google/lib/project-iam-binding";
import { ProjectIamMember } from "@cdktf/provider-google/lib/project-iam-member";
import { ProjectService } from "@cdktf/provider-google/lib/project-service";
import { GoogleProvider } from "@cdktf/provider-google/lib/provider";
import { SqlDatabaseInstance } from "@cdktf/provider-google/lib/sql-database-instance";
import { SqlUser } from "@cdktf/provider-google/lib/sql-user";
import { StorageBucket } from "@cdktf/provider-google/lib/storage-bucket";
import { StorageBucketIamMember } from "@cdktf/provider-google/lib/storage-bucket-iam-member";
import { App, Aspects, TerraformStack, TerraformVariable, Testing } from "cdktf";
import { Construct } from "constructs";
import { exceptFromGuardrail, Guardrails } from "../../constructs/guardrails/guardrails";
import { noticesOf } from "../../constructs/guardrails/notices";
import { RULES } from "../../constructs/guardrails/rules";
import { environments } from "../../environments";
import { Environment } from "../../environments/environment";

function environment(name: string): Environment {
  const found = environments.find((one) => one.name === name);
  if (!found) throw new Error(name);
  return found;
}

const LABELS = {
  environment: "prod",
  application: "a",
  component: "c",
  "cost-center": "cc",
  team: "o",
};
const BUCKET = {
  name: "b",
  location: "EU",
  uniformBucketLevelAccess: true,
  publicAccessPrevention: "enforced",
  forceDestroy: false,
  encryption: { defaultKmsKeyName: "key" },
  labels: LABELS,
};
const DATASET = {
  datasetId: "d",
  deleteContentsOnDestroy: false,
  defaultEncryptionConfiguration: { kmsKeyName: "key" },
  labels: LABELS,
};
const SQL = (
  sslMode: string | undefined,
  ipv4Enabled = false,
): ConstructorParameters<typeof SqlDatabaseInstance>[2] => ({
  databaseVersion: "POSTGRES_16",
  encryptionKeyName: "key",
  deletionProtection: true,
  settings: {
    tier: "t",
    deletionProtectionEnabled: true,
    userLabels: LABELS,
    ipConfiguration: { ipv4Enabled, sslMode },
  },
});
const CLUSTER = (serviceAccount: string | undefined): ConstructorParameters<typeof DataprocCluster>[2] => ({
  name: "c",
  labels: LABELS,
  clusterConfig: {
    encryptionConfig: { kmsKeyName: "key" },
    gceClusterConfig: { internalIpOnly: true, serviceAccount },
  },
});

const POLICY = {
  displayName: "a",
  combiner: "OR",
  conditions: [{ displayName: "c", conditionMatchedLog: { filter: "f" } }],
  notificationChannels: ["c"],
  documentation: { content: "see docs/runbooks/late-run.md" },
};

const COPIER = {
  datasetId: "sales_recovery_prod",
  role: "roles/bigquery.dataEditor",
  member: "serviceAccount:sales-prod-orchestrator@p.iam.gserviceaccount.com",
};

type Make = (stack: TerraformStack) => unknown;

/** Error and notices of a synth of the resources that `make` creates; no error when it succeeds. */
function synthesize(make: Make, name = "prod"): { error: string; notices: string[] } {
  const app = new App({ outdir: mkdtempSync(join(tmpdir(), "guardrails-")) });
  const stack = new TerraformStack(app, "stack");
  new GoogleProvider(stack, "google", { project: "p" });
  make(stack);
  Aspects.of(stack).add(new Guardrails(environment(name)));
  try {
    app.synth();
    return { error: "", notices: noticesOf(app) };
  } catch (error) {
    return { error: (error as Error).message, notices: noticesOf(app) };
  }
}

const TABLE = { datasetId: "d", tableId: "t", deletionProtection: true, labels: LABELS };

/** By rule: a resource that breaks it, the text of the message, and a similar resource that complies. */
const CASES: Readonly<Record<string, { bad: Make; says: string; good: Make }>> = {
  "no-public-address": {
    bad: (stack) => new SqlDatabaseInstance(stack, "x", SQL("ENCRYPTED_ONLY", true)),
    says: "settings.ip_configuration.ipv4_enabled is true: keep it on private addresses",
    good: (stack) => new SqlDatabaseInstance(stack, "x", SQL("ENCRYPTED_ONLY")),
  },
  "no-open-ingress": {
    bad: (stack) =>
      new ComputeFirewall(stack, "x", {
        name: "f",
        network: "n",
        allow: [{ protocol: "tcp" }],
        sourceRanges: ["10.0.0.0/8", "0.0.0.0/0"],
      }),
    says: "allows 0.0.0.0/0",
    good: (stack) =>
      new ComputeFirewall(stack, "x", {
        name: "f",
        network: "n",
        deny: [{ protocol: "all" }],
        sourceRanges: ["0.0.0.0/0"],
      }),
  },
  "bucket-closed": {
    bad: (stack) => new StorageBucket(stack, "x", { ...BUCKET, publicAccessPrevention: "inherited" }),
    says: 'public_access_prevention is "inherited"',
    good: (stack) => new StorageBucket(stack, "x", BUCKET),
  },
  "no-basic-role": {
    bad: (stack) =>
      new ProjectIamMember(stack, "x", { project: "p", role: "roles/bigquery.admin", member: "group:g" }),
    says: "role is roles/bigquery.admin, on the whole project",
    good: (stack) =>
      new ProjectIamMember(stack, "x", { project: "p", role: "roles/bigquery.jobUser", member: "group:g" }),
  },
  "no-public-member": {
    bad: (stack) =>
      new StorageBucketIamMember(stack, "x", {
        bucket: "b",
        role: "roles/storage.objectViewer",
        member: "allUsers",
      }),
    says: "member is allUsers",
    good: (stack) =>
      new StorageBucketIamMember(stack, "x", {
        bucket: "b",
        role: "roles/storage.objectViewer",
        member: "group:g",
      }),
  },
  "additive-iam": {
    bad: (stack) =>
      new ProjectIamBinding(stack, "x", {
        project: "p",
        role: "roles/bigquery.jobUser",
        members: ["group:g"],
      }),
    says: "google_project_iam_binding replaces grants that others made",
    good: (stack) =>
      new ProjectIamMember(stack, "x", { project: "p", role: "roles/bigquery.jobUser", member: "group:g" }),
  },
  "deletion-protection": {
    bad: (stack) => new BigqueryDataset(stack, "x", { ...DATASET, deleteContentsOnDestroy: true }),
    says: "delete_contents_on_destroy is true",
    good: (stack) => new BigqueryDataset(stack, "x", DATASET),
  },
  "labels-present": {
    bad: (stack) => new StorageBucket(stack, "x", { ...BUCKET, labels: { team: "o" } }),
    says: "labels lacks environment, application, component, cost-center",
    good: (stack) => new StorageBucket(stack, "x", BUCKET),
  },
  "own-service-account": {
    bad: (stack) => new DataprocCluster(stack, "x", CLUSTER(undefined)),
    says: "cluster_config.gce_cluster_config.service_account is not set",
    good: (stack) => new DataprocCluster(stack, "x", CLUSTER("a@p.iam.gserviceaccount.com")),
  },
  "apis-kept": {
    bad: (stack) => new ProjectService(stack, "x", { service: "s" }),
    says: "disable_on_destroy is not set: set disableOnDestroy to false",
    good: (stack) => new ProjectService(stack, "x", { service: "s", disableOnDestroy: false }),
  },
  "database-tls": {
    bad: (stack) => new SqlDatabaseInstance(stack, "x", SQL("ALLOW_UNENCRYPTED_AND_ENCRYPTED")),
    says: 'ssl_mode is "ALLOW_UNENCRYPTED_AND_ENCRYPTED"',
    good: (stack) => new SqlDatabaseInstance(stack, "x", SQL("TRUSTED_CLIENT_CERTIFICATE_REQUIRED")),
  },
  "no-secret-literal": {
    bad: (stack) => new SqlUser(stack, "x", { name: "u", instance: "i", password: "tomato" }),
    says: "password holds a secret: keep the value in Secret Manager",
    good: (stack) => new SqlUser(stack, "x", { name: "u", instance: "i", type: "CLOUD_IAM_SERVICE_ACCOUNT" }),
  },
  "customer-key": {
    bad: (stack) => new StorageBucket(stack, "x", { ...BUCKET, encryption: undefined }),
    says: "encryption.default_kms_key_name is not set",
    good: (stack) => new StorageBucket(stack, "x", BUCKET),
  },
  "recovery-copy-closed": {
    bad: (stack) =>
      new BigqueryDatasetIamMember(stack, "x", {
        ...COPIER,
        role: "roles/bigquery.dataViewer",
        member: "group:g",
      }),
    says: "group:g has roles/bigquery.dataViewer",
    good: (stack) => new BigqueryDatasetIamMember(stack, "x", COPIER),
  },
  "personal-data-tagged": {
    bad: (stack) =>
      new BigqueryTable(stack, "x", {
        ...TABLE,
        schema:
          '[{"name":"reason","type":"STRING"},{"name":"customer_id","type":"STRING","policyTags":{"names":[]}}]',
      }),
    says: 'anybody who reads the table reads customer_id: declare its class in the catalog, for example "personal": "customer"',
    good: (stack) =>
      new BigqueryTable(stack, "x", {
        ...TABLE,
        schema:
          '[{"name":"store_name","type":"STRING"},{"name":"manager_email","type":"STRING","policyTags":{"names":["${google_data_catalog_policy_tag.t.name}"]}}]',
      }),
  },
  "alert-heard": {
    bad: (stack) => new MonitoringAlertPolicy(stack, "x", { ...POLICY, notificationChannels: [] }),
    says: "it notifies nobody: create it with AlertPolicies",
    good: (stack) => new MonitoringAlertPolicy(stack, "x", POLICY),
  },
};

test("every rule has its case", () => {
  expect(Object.keys(CASES).sort()).toEqual(RULES.map(({ id }) => id).sort());
});

test.each(Object.entries(CASES))("%s", (id, { bad, says, good }) => {
  const { error } = synthesize(bad);
  expect(error).toContain(`guardrail ${id}: google_`);
  expect(error).toContain(says);
  // Rule, resource and remedy. No other rule is broken, so that each case tests its own.
  expect(error.match(/guardrail /g)).toHaveLength(1);
  expect(synthesize(good)).toEqual({ error: "", notices: [] });
});

test("an alert must name a runbook in its documentation", () => {
  const { error } = synthesize(
    (stack) => new MonitoringAlertPolicy(stack, "x", { ...POLICY, documentation: { content: "call us" } }),
  );
  expect(error).toContain("documentation.content names no runbook");
});

test("a reader of the copy is found by a reference too, and a copy beside its tables", () => {
  const reader: Make = (stack) => {
    const copy = new BigqueryDataset(new Construct(stack, "recovery-copy"), "dataset", {
      ...DATASET,
      datasetId: "sales_recovery_prod",
      location: "us-central1",
    });
    new BigqueryDatasetIamMember(stack, "x", {
      datasetId: copy.datasetId,
      role: "roles/bigquery.dataViewer",
      member: "group:g",
    });
  };
  const { error } = synthesize(reader);
  expect(error).toContain("location is us-central1, as that of the tables");
  expect(error).toContain("group:g has roles/bigquery.dataViewer");
});

test("an instance with an external address has a public address", () => {
  const { error } = synthesize(
    (stack) =>
      new ComputeInstance(stack, "x", {
        name: "i",
        machineType: "m",
        bootDisk: {},
        networkInterface: [{ accessConfig: [{ natIp: "203.0.113.9" }] }],
      }),
  );
  expect(error).toContain(
    "guardrail no-public-address: google_compute_instance.x: network_interface has access_config",
  );
});

test("deletion protection is required in protected environments only", () => {
  const unprotected = { ...DATASET, deleteContentsOnDestroy: true };
  const make: Make = (stack) => new BigqueryDataset(stack, "x", unprotected);
  expect(synthesize(make, "staging").error).toContain("guardrail deletion-protection");
  expect(synthesize(make, "dev").error).toBe("");
});

describe("an exception", () => {
  const basic: Make = (stack) =>
    new ProjectIamMember(stack, "x", { project: "p", role: "roles/viewer", member: "group:auditors" });

  test("with a written reason is allowed, counted and printed", () => {
    const { error, notices } = synthesize((stack) => {
      exceptFromGuardrail(stack, "no-basic-role", "auditors read everything for a week, ticket 4711");
      return basic(stack);
    });
    expect(error).toBe("");
    expect(notices).toEqual([
      "guardrail no-basic-role: auditors read everything for a week, ticket 4711 (1 exception)",
    ]);
  });

  test("from one rule does not cover another", () => {
    const { error } = synthesize((stack) => {
      exceptFromGuardrail(stack, "bucket-closed", "a reason that is long enough to be one");
      return basic(stack);
    });
    expect(error).toContain("guardrail no-basic-role");
  });

  test("needs an existing rule, and a sentence as its reason", () => {
    const stack = new TerraformStack(Testing.app(), "stack");
    expect(() => {
      exceptFromGuardrail(stack, "no-such-rule", "a reason that is long enough to be one");
    }).toThrow("no guardrail is called 'no-such-rule'");
    expect(() => {
      exceptFromGuardrail(stack, "bucket-closed", "because");
    }).toThrow("needs a written reason");
  });
});

test("a value that is known only after an apply gives a notice", () => {
  const { error, notices } = synthesize((stack) => {
    const ranges = new TerraformVariable(stack, "ranges", { type: "list(string)" });
    return new ComputeFirewall(stack, "x", {
      name: "f",
      network: "n",
      allow: [{ protocol: "tcp" }],
      sourceRanges: ranges.listValue,
    });
  });
  expect(error).toBe("");
  expect(notices).toEqual([
    "guardrail no-open-ingress: google_compute_firewall.x: source_ranges is ${var.ranges}, which is not known at synth: look at the plan",
  ]);
});

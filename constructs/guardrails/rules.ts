import { recoveryDatasetId, resourceName } from "../../environments/naming";
import { LABEL_KEYS } from "../foundation/labels";
import { isProtected } from "../foundation/protection";
import { isObject } from "./resource-view";
import { differs, Rule, shown, types, unset } from "./rule";
import {
  SERVICE_ACCOUNT_ATTRIBUTE,
  DELETION_PROTECTION_SETTINGS,
  ENCRYPTION_KEY_ATTRIBUTE,
  LABELS_ATTRIBUTE,
  PERSONAL_NAME,
  PRIVATE_ADDRESS_SETTINGS,
  SECRET_ATTRIBUTE,
  TYPES_WITH_SECRETS,
  SECRET_TEXT,
} from "./rule-facts";

const ANYWHERE = ["0.0.0.0/0", "::/0"];
const BASIC_ROLES = ["roles/owner", "roles/editor", "roles/viewer"];
const PUBLIC_MEMBERS = ["allUsers", "allAuthenticatedUsers"];
const TLS_MODES = ["ENCRYPTED_ONLY", "TRUSTED_CLIENT_CERTIFICATE_REQUIRED"];

/** In the order of docs/guardrails.md. */
export const RULES: readonly Rule[] = [
  {
    id: "no-public-address",
    description:
      "Databases, clusters, Composer, instances and addresses are reachable on private addresses only.",
    remedy: "keep it on private addresses",
    appliesTo: (type) =>
      type in PRIVATE_ADDRESS_SETTINGS ||
      type === "google_compute_instance" ||
      type === "google_compute_address",
    problem: (resource) => {
      if (resource.get("network_interface.access_config") !== undefined)
        return "network_interface has access_config";
      if (resource.type === "google_compute_address") return differs(resource, { address_type: "INTERNAL" });
      return differs(resource, PRIVATE_ADDRESS_SETTINGS[resource.type] ?? {});
    },
  },
  {
    id: "no-open-ingress",
    description: "No firewall rule allows traffic from anywhere on the internet.",
    remedy: "name the networks or service accounts that may come in",
    appliesTo: types("google_compute_firewall"),
    problem: (resource) => {
      if (resource.known("direction") === "EGRESS" || resource.get("allow") === undefined) return undefined;
      const open = resource.list("source_ranges").filter((range) => ANYWHERE.includes(String(range)));
      return open.length > 0 ? `allows ${open.join(", ")}` : undefined;
    },
  },
  {
    id: "bucket-closed",
    description: "Buckets have uniform access and enforce public access prevention.",
    remedy: "use HardenedBucket from constructs/lake/hardened-bucket.ts",
    appliesTo: types("google_storage_bucket"),
    problem: (resource) =>
      differs(resource, { uniform_bucket_level_access: true, public_access_prevention: "enforced" }),
  },
  {
    id: "no-basic-role",
    description: "No grant of a basic role, and no grant of an admin role on the whole project.",
    remedy: "grant a predefined or custom role on the resource itself",
    appliesTo: (type) => type.endsWith("_iam_member"),
    problem: (resource) => {
      const role = String(resource.get("role"));
      if (BASIC_ROLES.includes(role)) return `role is ${role}`;
      return resource.type === "google_project_iam_member" && /admin$/i.test(role)
        ? `role is ${role}, on the whole project`
        : undefined;
    },
  },
  {
    id: "no-public-member",
    description: "No grant to allUsers or allAuthenticatedUsers.",
    remedy: "name a group or a service account",
    appliesTo: (type) => type.endsWith("_iam_member"),
    problem: (resource) => {
      const member = String(resource.get("member"));
      return PUBLIC_MEMBERS.includes(member) ? `member is ${member}` : undefined;
    },
  },
  {
    id: "additive-iam",
    description:
      "Grants are additive (`*_iam_member`), because bindings and policies remove the grants of others.",
    remedy: "use the *_iam_member resource, which leaves the grants of others alone",
    appliesTo: (type) => /_iam_(binding|policy)$/.test(type),
    problem: (resource) => `${resource.type} replaces grants that others made`,
  },
  {
    id: "deletion-protection",
    description: "In a protected environment everything that holds data is protected from deletion.",
    remedy: "derive it from isProtected(environment), see constructs/foundation/protection.ts",
    appliesTo: (type) => type in DELETION_PROTECTION_SETTINGS,
    problem: (resource, environment) =>
      isProtected(environment)
        ? differs(resource, DELETION_PROTECTION_SETTINGS[resource.type] ?? {})
        : undefined,
  },
  {
    id: "labels-present",
    description: "Every resource that has labels has all of the platform's.",
    remedy: "apply LabelEverything to the stack, see constructs/foundation/labels.ts",
    appliesTo: (type) => type in LABELS_ATTRIBUTE,
    problem: (resource) => {
      const path = LABELS_ATTRIBUTE[resource.type] ?? "labels";
      const labels = resource.get(path);
      const missing = LABEL_KEYS.filter((key) => !isObject(labels) || labels[key] === undefined);
      return missing.length > 0 ? `${path} lacks ${missing.join(", ")}` : undefined;
    },
  },
  {
    id: "own-service-account",
    description:
      "Clusters and Composer run as a service account of the platform, not as the project's default account.",
    remedy: "use an account of constructs/identity/identities.ts",
    appliesTo: (type) => type in SERVICE_ACCOUNT_ATTRIBUTE,
    problem: (resource) => unset(resource, SERVICE_ACCOUNT_ATTRIBUTE),
  },
  {
    id: "apis-kept",
    description: "Destroying a stack does not disable an API for the whole project.",
    remedy: "set disableOnDestroy to false",
    appliesTo: types("google_project_service"),
    problem: (resource) => differs(resource, { disable_on_destroy: false }),
  },
  {
    id: "database-tls",
    description: "Databases accept encrypted connections only.",
    remedy: "set sslMode to ENCRYPTED_ONLY",
    appliesTo: types("google_sql_database_instance"),
    problem: (resource) => {
      const mode = resource.known("settings.ip_configuration.ssl_mode");
      return TLS_MODES.includes(String(mode)) ? undefined : `ssl_mode is ${shown(mode)}`;
    },
  },
  {
    id: "no-secret-literal",
    description: "No resource holds a secret's value, which Terraform would write into plan and state.",
    remedy: "keep the value in Secret Manager, put there by the rotation",
    appliesTo: (type) => TYPES_WITH_SECRETS.test(type),
    problem: (resource) => {
      if (resource.type === "google_service_account_key") return "a key file is a secret in the state";
      const [path] =
        resource.strings().find(([name, text]) => SECRET_ATTRIBUTE.test(name) || SECRET_TEXT.test(text)) ??
        [];
      return path === undefined ? undefined : `${path} holds a secret`;
    },
  },
  {
    id: "customer-key",
    description: "In an environment with keys of its own, everything that holds data is encrypted with them.",
    remedy: "encrypt with the environment's key, see constructs/encryption/keys.ts",
    appliesTo: (type) => type in ENCRYPTION_KEY_ATTRIBUTE,
    problem: (resource, environment) =>
      environment.customerKeys === undefined ? undefined : unset(resource, ENCRYPTION_KEY_ATTRIBUTE),
  },
  {
    id: "personal-data-tagged",
    description: "Columns whose names say that they hold personal data have a policy tag, which masks them.",
    remedy: 'declare its class in the catalog, for example "personal": "customer"',
    appliesTo: types("google_bigquery_table"),
    problem: (resource) => {
      const schema = resource.get("schema");
      if (schema === undefined) return undefined;
      const columns = JSON.parse(schema as string) as { name: string; policyTags?: { names: string[] } }[];
      const clear = columns.filter(
        ({ name, policyTags }) => PERSONAL_NAME.test(name) && !policyTags?.names.length,
      );
      return clear.length > 0
        ? `anybody who reads the table reads ${clear.map(({ name }) => name).join(", ")}`
        : undefined;
    },
  },
  {
    id: "recovery-copy-closed",
    description:
      "The copy for a lost region is in another region, and only the account that makes it has a role on it.",
    remedy:
      "see constructs/warehouse/recovery-copy.ts; the runbook grants readers theirs when the region is lost",
    appliesTo: types(
      "google_bigquery_dataset",
      "google_bigquery_dataset_iam_member",
      "google_bigquery_table_iam_member",
    ),
    problem: (resource, { name, region }) => {
      // A reference names the construct.
      const dataset = String(resource.get("dataset_id"));
      if (dataset !== recoveryDatasetId(name) && !dataset.includes(".recovery-copy_")) return undefined;
      if (resource.type === "google_bigquery_dataset") {
        const location = String(resource.known("location"));
        return location.toLowerCase() === region
          ? `location is ${location}, as that of the tables`
          : undefined;
      }
      const [member, role] = [String(resource.get("member")), String(resource.get("role"))];
      const copies =
        member.includes(`:${resourceName(name, "orchestrator")}@`) && role === "roles/bigquery.dataEditor";
      return copies ? undefined : `${member} has ${role}`;
    },
  },
  {
    id: "alert-heard",
    description: "Every alert notifies somebody and links to a runbook.",
    remedy: "create it with AlertPolicies, see constructs/observability/alert-policies.ts",
    appliesTo: types("google_monitoring_alert_policy"),
    problem: (resource) => {
      // Channels are references: only their number is known at synth.
      const channels = resource.get("notification_channels");
      if (!Array.isArray(channels) || channels.length === 0) return "it notifies nobody";
      return String(resource.get("documentation.content")).includes("docs/runbooks/")
        ? undefined
        : "documentation.content names no runbook";
    },
  },
];

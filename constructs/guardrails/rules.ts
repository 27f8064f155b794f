import { LABEL_KEYS } from "../foundation/labels";
import { isProtected } from "../foundation/protection";
import { isObject, ResourceView, Rule } from "./resource-view";
import {
  ACCOUNTS,
  KEEPS,
  KEYS,
  LABELLED,
  PRIVATE,
  SECRET_ATTRIBUTE,
  SECRET_HOLDERS,
  SECRET_TEXT,
} from "./rule-facts";

const EVERYBODY = ["0.0.0.0/0", "::/0"];
const BASIC_ROLES = ["roles/owner", "roles/editor", "roles/viewer"];
const PUBLIC_MEMBERS = ["allUsers", "allAuthenticatedUsers"];
const TLS_MODES = ["ENCRYPTED_ONLY", "TRUSTED_CLIENT_CERTIFICATE_REQUIRED"];

const is =
  (...types: string[]) =>
  (type: string): boolean =>
    types.includes(type);

function shown(value: unknown): string {
  return value === undefined ? "not set" : JSON.stringify(value);
}

/** First problem among wanted values, as `path is X`. */
function differs(resource: ResourceView, wanted: Readonly<Record<string, unknown>>): string | undefined {
  for (const [path, value] of Object.entries(wanted)) {
    const actual = resource.known(path);
    if (actual !== value) return `${path} is ${shown(actual)}`;
  }
  return undefined;
}

/** By type, the attributes that must be set, to whatever value. */
function unset(resource: ResourceView, paths: Readonly<Record<string, string>>): string | undefined {
  const path = paths[resource.type];
  return path !== undefined && resource.get(path) === undefined ? `${path} is not set` : undefined;
}

export const RULES: readonly Rule[] = [
  {
    id: "no-public-address",
    remedy: "keep it on private addresses",
    concerns: (type) =>
      type in PRIVATE || type === "google_compute_instance" || type === "google_compute_address",
    problem: (resource) => {
      if (resource.get("network_interface.access_config") !== undefined)
        return "network_interface has access_config";
      if (resource.type === "google_compute_address") return differs(resource, { address_type: "INTERNAL" });
      return differs(resource, PRIVATE[resource.type] ?? {});
    },
  },
  {
    id: "no-open-ingress",
    remedy: "name the networks or service accounts that may come in",
    concerns: is("google_compute_firewall"),
    problem: (resource) => {
      if (resource.known("direction") === "EGRESS" || resource.get("allow") === undefined) return undefined;
      const open = resource.list("source_ranges").filter((range) => EVERYBODY.includes(String(range)));
      return open.length > 0 ? `allows ${open.join(", ")}` : undefined;
    },
  },
  {
    id: "bucket-closed",
    remedy: "use HardenedBucket from constructs/lake/hardened-bucket.ts",
    concerns: is("google_storage_bucket"),
    problem: (resource) =>
      differs(resource, { uniform_bucket_level_access: true, public_access_prevention: "enforced" }),
  },
  {
    id: "no-basic-role",
    remedy: "grant a predefined or custom role on the resource itself",
    concerns: (type) => type.endsWith("_iam_member"),
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
    remedy: "name a group or a service account",
    concerns: (type) => type.endsWith("_iam_member"),
    problem: (resource) => {
      const member = String(resource.get("member"));
      return PUBLIC_MEMBERS.includes(member) ? `member is ${member}` : undefined;
    },
  },
  {
    id: "additive-iam",
    remedy: "use the *_iam_member resource, which leaves the grants of others alone",
    concerns: (type) => /_iam_(binding|policy)$/.test(type),
    problem: (resource) => `${resource.type} replaces grants that others made`,
  },
  {
    id: "deletion-protection",
    remedy: "derive it from isProtected(environment), see constructs/foundation/protection.ts",
    concerns: (type) => type in KEEPS,
    problem: (resource, environment) =>
      isProtected(environment) ? differs(resource, KEEPS[resource.type] ?? {}) : undefined,
  },
  {
    id: "labels-present",
    remedy: "apply LabelEverything to the stack, see constructs/foundation/labels.ts",
    concerns: (type) => type in LABELLED,
    problem: (resource) => {
      const path = LABELLED[resource.type] ?? "labels";
      const labels = resource.get(path);
      const missing = LABEL_KEYS.filter((key) => !isObject(labels) || labels[key] === undefined);
      return missing.length > 0 ? `${path} lacks ${missing.join(", ")}` : undefined;
    },
  },
  {
    id: "own-service-account",
    remedy: "give it an account of constructs/identity/identities.ts",
    concerns: (type) => type in ACCOUNTS,
    problem: (resource) => unset(resource, ACCOUNTS),
  },
  {
    id: "apis-kept",
    remedy: "set disableOnDestroy to false",
    concerns: is("google_project_service"),
    problem: (resource) => differs(resource, { disable_on_destroy: false }),
  },
  {
    id: "database-tls",
    remedy: "set sslMode to ENCRYPTED_ONLY",
    concerns: is("google_sql_database_instance"),
    problem: (resource) => {
      const mode = resource.known("settings.ip_configuration.ssl_mode");
      return TLS_MODES.includes(String(mode)) ? undefined : `ssl_mode is ${shown(mode)}`;
    },
  },
  {
    id: "no-secret-literal",
    remedy: "keep the value in Secret Manager, put there by the rotation",
    concerns: (type) => SECRET_HOLDERS.test(type),
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
    remedy: "encrypt with the environment's key, see constructs/encryption/keys.ts",
    concerns: (type) => type in KEYS,
    problem: (resource, environment) =>
      environment.customerKeys === undefined ? undefined : unset(resource, KEYS),
  },
  {
    id: "alert-heard",
    remedy: "make it by AlertPolicies, see constructs/observability/alert-policies.ts",
    concerns: is("google_monitoring_alert_policy"),
    problem: (resource) => {
      // Channels are references: how many there are is known, which is not.
      const channels = resource.get("notification_channels");
      if (!Array.isArray(channels) || channels.length === 0) return "it tells nobody";
      return String(resource.get("documentation.content")).includes("docs/runbooks/")
        ? undefined
        : "documentation.content names no runbook";
    },
  },
];

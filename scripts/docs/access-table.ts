import { CUSTOM_ROLES, CustomRole } from "../../constructs/identity/custom-roles";
import PREDEFINED from "./predefined-roles.json";
import { Resources, customRoleOf, isGrant, workloadOf } from "./stack-graph";

/** By grant type, the attributes that say what the grant is on; none is the project. */
const TARGETS: Readonly<Record<string, readonly string[]>> = {
  google_bigquery_datapolicy_data_policy_iam_member: ["data_policy_id"],
  google_bigquery_dataset_iam_member: ["dataset_id"],
  google_bigquery_table_iam_member: ["table_id"],
  google_data_catalog_policy_tag_iam_member: ["policy_tag"],
  google_dataplex_datascan_iam_member: ["data_scan_id"],
  google_kms_crypto_key_iam_member: ["crypto_key_id"],
  google_project_iam_member: [],
  google_pubsub_subscription_iam_member: ["subscription"],
  google_pubsub_topic_iam_member: ["topic"],
  google_secret_manager_secret_iam_member: ["secret_id"],
  google_service_account_iam_member: ["service_account_id"],
  google_storage_bucket_iam_member: ["bucket"],
  google_storage_managed_folder_iam_member: ["bucket", "managed_folder"],
};

/** Permissions of one service that are named; of more only their number. */
const FEW = 12;

const KINDS: Readonly<Record<string, string>> = {
  google_bigquery_datapolicy_data_policy: "data policy",
  google_bigquery_dataset: "dataset",
  google_bigquery_table: "table",
  google_data_catalog_policy_tag: "policy tag",
  google_dataplex_datascan: "scan",
  google_kms_crypto_key: "key",
  google_pubsub_subscription: "subscription",
  google_pubsub_topic: "topic",
  google_secret_manager_secret: "secret",
  google_service_account: "account",
  google_storage_bucket: "bucket",
  google_storage_managed_folder: "folder",
};

/** Domains of the service agents that data sources read. */
const READ_AGENTS: Readonly<Record<string, string>> = {
  google_storage_project_service_account: "gs-project-accounts",
};

/** `${google_storage_bucket.lake_data_bucket_7B8AF6DE.name}` as `bucket data`. */
function named(reference: unknown): string {
  const [, type = "", id = ""] = /^\$\{(google_\w+)\.([\w-]+)_[0-9A-F]{8}\./.exec(String(reference)) ?? [];
  const name = id
    .replace(/^(lake|warehouse|[a-z0-9]+_workloads|secrets|keys|stream)_/, "")
    .replace(/_bucket$/, "");
  return `${KINDS[type] ?? type} ${name}`;
}

function who(member: string): string {
  const account = workloadOf(member);
  if (account !== undefined) return account;
  if (member.startsWith("${google_logging_project_sink.audit_")) return "sink of the audit log";
  const read = Object.keys(READ_AGENTS).find((source) => member.startsWith(`\${data.${source}.`));
  const agent =
    read === undefined ? /@([\w-]+)\.iam\.gserviceaccount\.com$/.exec(member)?.[1] : READ_AGENTS[read];
  return agent === undefined ? member : `service agent ${agent}`;
}

function may(role: string): string {
  const custom = customRoleOf(role) as CustomRole | undefined;
  return custom === undefined ? `\`${role}\`` : `${CUSTOM_ROLES[custom].title} (own role)`;
}

/** Permissions of a predefined role by service: most of them, such as those of Composer's workers, bring hundreds. */
function brings(role: string): string {
  const permissions = (PREDEFINED.roles as Readonly<Record<string, string>>)[role]?.split(" ");
  if (permissions === undefined)
    throw new Error(`${role}: add its permissions to scripts/docs/predefined-roles.json, the file says how`);
  const services = new Map<string, string[]>();
  for (const permission of permissions) {
    const [service = "", ...rest] = permission.split(".");
    services.set(service, [...(services.get(service) ?? []), rest.join(".")]);
  }
  const written = [...services].map(([service, actions]) =>
    actions.length > FEW
      ? `${service} (${actions.length})`
      : actions.map((one) => `\`${service}.${one}\``).join(", "),
  );
  return `- \`${role}\`: ${written.join(", ")}`;
}

/**
 * Who may do what in an environment, as Markdown.
 * @param resources - of the synthesized stacks, by address: the environment's, and the accounts' from bootstrap
 * @throws when a kind of grant is not known here
 */
export function accessTable(resources: Resources): string {
  const rows: string[] = [];
  for (const [address, grant] of resources) {
    const type = address.split(".")[0] ?? "";
    if (!isGrant(address)) continue;
    const target = TARGETS[type];
    if (target === undefined) throw new Error(`${type}: add it to TARGETS in scripts/docs/access-table.ts`);
    const on =
      target.length === 0 ? "project" : target.map((attribute) => named(grant[attribute])).join(", ");
    const condition = (grant.condition as { title: string } | undefined)?.title;
    rows.push(
      `| ${who(String(grant.member))} | ${may(String(grant.role))} | ${on}${condition === undefined ? "" : ` (${condition})`} |`,
    );
  }
  const predefined = new Set(
    [...resources].filter(([address]) => isGrant(address)).map(([, { role }]) => String(role)),
  );
  const brought = [...predefined].filter((role) => role.startsWith("roles/")).sort();
  const roles = Object.values(CUSTOM_ROLES).map(
    ({ title, permissions }) => `- ${title}: ${permissions.map((one) => `\`${one}\``).join(", ")}`,
  );
  return `# Who may do what

Every grant in prod's stack, and those that bootstrap makes for its accounts. Made by \`npm run docs\` from the synthesized plans; a test
fails when it is out of date.
Environments with office hours have one account more, \`caretaker\`, which only stops and starts the database; their
operator may do so too.

| who | may | on |
| --- | --- | --- |
${[...new Set(rows)].sort().join("\n")}

Roles of the platform's own, where no predefined one is small enough:

${roles.join("\n")}

What the predefined roles bring, as Google listed them on ${PREDEFINED.date}; a number in parentheses counts the permissions of a
service:

${brought.map(brings).join("\n")}
`;
}

/** Attributes of a resource, as Terraform reads them. */
export type Attributes = Readonly<Record<string, unknown>>;
/** Resources of a synthesized stack by address, `<type>.<logical id>`. */
export type Resources = ReadonlyMap<string, Attributes>;

export interface Grant {
  /** Address of the account, or `group:...` as IAM writes it. */
  readonly member: string;
  /** Predefined role, or the id of a custom role in `CUSTOM_ROLES`. */
  readonly role: string;
  /** Address of what the grant is on; undefined for the project. */
  readonly on: string | undefined;
}

/** Named like grants, but they grant nothing. */
const NO_GRANTS = ["google_project_iam_custom_role", "google_project_iam_audit_config"];
/** Attributes that name what a grant is on, the most exact first. */
const TARGETS = [
  "managed_folder",
  "bucket",
  "table_id",
  "dataset_id",
  "data_scan_id",
  "crypto_key_id",
  "secret_id",
  "subscription",
  "topic",
  "service_account_id",
];
const REFERENCE = /\$\{(google_\w+\.[\w-]+?_[0-9A-F]{8})[.[]/g;

/** Workload of an account: by its address as the environment's stack writes it, or a reference in bootstrap. */
export function workloadOf(member: unknown): string | undefined {
  const text = String(member);
  return (/^serviceAccount:sales-[a-z0-9]+-([a-z]+)@/.exec(text) ??
    /_workloads_([a-z]+)_[0-9A-F]{8}\./.exec(text))?.[1];
}

/** Stands for the account of a workload, which bootstrap makes for the environment's stack. */
const accountAddress = (workload: string): string => `google_service_account.identities_${workload}_`;

/** Custom role that a grant names, as `CUSTOM_ROLES` calls it. */
export function customRoleOf(role: unknown): string | undefined {
  return /^projects\/[^/]+\/roles\/sales_[a-z0-9]+_(\w+)$/.exec(String(role))?.[1];
}

/** Addresses that a value refers to. */
export function references(value: unknown): string[] {
  return [
    ...new Set([...JSON.stringify(value ?? null).matchAll(REFERENCE)].map(([, address]) => address ?? "")),
  ];
}

/** Whether a resource grants a role. */
export function isGrant(address: string): boolean {
  const type = address.split(".")[0] ?? "";
  return type.includes("_iam_") && !NO_GRANTS.includes(type);
}

/** Every grant in a stack. */
export function grantsIn(resources: Resources): Grant[] {
  return [...resources]
    .filter(([address]) => isGrant(address))
    .map(([, grant]) => {
      const target = TARGETS.find((attribute) => grant[attribute] !== undefined);
      const [workload, onWorkload] = [workloadOf(grant.member), workloadOf(target && grant[target])];
      return {
        member: workload ? accountAddress(workload) : (references(grant.member)[0] ?? String(grant.member)),
        role: customRoleOf(grant.role) ?? String(grant.role),
        on: onWorkload ? accountAddress(onWorkload) : target && references(grant[target])[0],
      };
    });
}

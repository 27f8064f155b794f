import { CONTROL_ROLES, DATA_ROLES, OWN_WORK, PARTS, Part } from "./environment-parts";
import { Attributes, Grant, Resources, grantsIn, references } from "../stack-graph";

export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly kind: "data" | "control" | "event";
  readonly label: string;
  /** Data flows both ways. */
  readonly both?: boolean;
}

/** The part that a resource belongs to; undefined for what the picture leaves out. */
export function partOf(address: string): Part | undefined {
  const id = address.split(".")[1] ?? "";
  const fits = PARTS.flatMap((part) => part.ids.map((prefix) => ({ part, prefix }))).filter(({ prefix }) =>
    new RegExp(`^${prefix}[-_]`).test(id),
  );
  return fits.sort((a, b) => b.prefix.length - a.prefix.length)[0]?.part;
}

/** Parts that the stack has: by a resource, or by a grant to their account. */
export function partsOf(resources: Resources): Part[] {
  const members = grantsIn(resources).map(({ member }) => member);
  const all = new Set([...resources.keys(), ...members].map(partOf));
  return PARTS.filter((part) => all.has(part));
}

/** Node of a member: the part of its account, or the group itself; undefined for Google's own accounts. */
export function memberNode(member: string): string | undefined {
  if (member.startsWith("group:")) return member.endsWith("@google.com") ? undefined : member;
  return partOf(member)?.name;
}

function edgesOfGrant({ member, role, on }: Grant): Edge[] {
  const from = memberNode(member);
  const target = on === undefined ? undefined : partOf(on)?.name;
  if (from === undefined || from === target || OWN_WORK.includes(role)) return [];
  const control = CONTROL_ROLES[role];
  if (control !== undefined)
    return (target === undefined ? (control.on ?? []) : [target]).map((to) => ({
      from,
      to,
      kind: "control",
      label: control.verb,
    }));
  const direction = DATA_ROLES[role];
  if (direction === undefined)
    throw new Error(`${role}: add it to the roles in scripts/docs/pictures/environment-parts.ts`);
  if (target === undefined) return [];
  if (direction === "read") return [{ from: target, to: from, kind: "data", label: "" }];
  return [{ from, to: target, kind: "data", label: "", both: direction === "both" }];
}

const only = (resources: Resources, type: string): Attributes =>
  [...resources].find(([address]) => address.startsWith(`${type}.`))?.[1] ?? {};

/** What flows without a grant: connections, notifications and log lines, as the stack's settings name them. */
function edgesOfSettings(resources: Resources): Edge[] {
  const edges: Edge[] = [];
  const variables = JSON.stringify(only(resources, "google_composer_environment"));
  for (const [address, item] of resources) {
    const own = partOf(address)?.name;
    if (address.startsWith("google_dns_record_set.") && own === "postgres") {
      const host = String(item.name).replace(/\.$/, "");
      if (variables.includes(`"CLOUDSQL_IP":"${host}"`))
        edges.push({ from: "postgres", to: "spark", kind: "data", label: "JDBC", both: true });
    }
    if (address.startsWith("google_secret_manager_secret."))
      for (const topic of references(item.topics))
        edges.push({
          from: own ?? "",
          to: partOf(topic)?.name ?? "",
          kind: "event",
          label: "rotation is due",
        });
    if (address.startsWith("google_bigquery_dataset_access."))
      for (const dataset of references(item.dataset_id))
        edges.push({ from: partOf(dataset)?.name ?? "", to: own ?? "", kind: "data", label: "sales_today" });
    if (address.startsWith("google_logging_metric."))
      for (const [type, source] of [
        ["cloud_composer_environment", "composer"],
        ["cloud_dataproc_job", "spark"],
      ] as const)
        if (String(item.filter).includes(type))
          edges.push({ from: source, to: own ?? "", kind: "event", label: "log events" });
    if (address.startsWith("google_monitoring_alert_policy.")) {
      if (JSON.stringify(item.conditions).includes("/user/"))
        edges.push({ from: "metrics", to: own ?? "", kind: "event", label: "" });
      for (const channel of references(item.notification_channels))
        edges.push({ from: own ?? "", to: partOf(channel)?.name ?? "", kind: "event", label: "" });
    }
  }
  return edges;
}

/** The edges between the parts: from grants, and from settings that name another part; each pair once a kind. */
export function edgesOf(resources: Resources): Edge[] {
  const merged = new Map<string, Edge>();
  for (const edge of [...grantsIn(resources).flatMap(edgesOfGrant), ...edgesOfSettings(resources)]) {
    const same = merged.get(`${edge.kind} ${edge.from} ${edge.to}`);
    const reverse = merged.get(`${edge.kind} ${edge.to} ${edge.from}`);
    if (edge.kind === "data" && reverse !== undefined)
      merged.set(`${edge.kind} ${edge.to} ${edge.from}`, { ...reverse, both: true });
    else if (same === undefined) merged.set(`${edge.kind} ${edge.from} ${edge.to}`, edge);
    else
      merged.set(`${edge.kind} ${edge.from} ${edge.to}`, {
        ...same,
        both: same.both === true || edge.both === true,
        label: [...new Set([...same.label.split("\n"), edge.label])].filter(Boolean).join("\n"),
      });
  }
  return [...merged.values()];
}

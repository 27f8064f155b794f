// What the plan takes of the region's quotas, at its least and with every worker that the autoscaler may add. Composer,
// Cloud SQL and BigQuery run in Google's own projects and take none.
import { UserError } from "../../lib/cli.mjs";

/** The API that knows the quotas. */
export const COMPUTE = "compute.googleapis.com";
/** Machine families that share the quota CPUS; each other family has one of its own. */
const SHARED = ["e2", "n1", "f1", "g1"];
const DISKS = { "pd-standard": "DISKS_TOTAL_GB", "pd-balanced": "SSD_TOTAL_GB", "pd-ssd": "SSD_TOTAL_GB" };

/** @returns {boolean} whether the API of Compute Engine answers in the project */
export const answers = (project, cloud) =>
  cloud.ask("compute", "project-info", "describe", `--project=${project}`, "--format=value(name)") !==
  undefined;

/** Quotas that `count` machines of a group take. */
function machines(count, type, { boot_disk_type: disk, boot_disk_size_gb: gb }) {
  const family = type.split("-")[0];
  const cpus = count * Number(type.split("-").at(-1));
  return {
    [SHARED.includes(family) ? "CPUS" : `${family.toUpperCase()}_CPUS`]: cpus,
    CPUS_ALL_REGIONS: cpus,
    [DISKS[disk]]: count * gb,
    INSTANCES: count,
  };
}

const sum = (parts) => {
  const total = {};
  for (const part of parts)
    for (const [name, value] of Object.entries(part)) total[name] = (total[name] ?? 0) + value;
  return total;
};

/**
 * @param {{ resources: (type: string) => [string, any][] }} stack
 * @returns {{ region: string, cluster: string, least: Record<string, number>, most: Record<string, number> } | undefined}
 */
export function needs({ resources }) {
  const [, cluster] = resources("google_dataproc_cluster")[0] ?? [];
  if (cluster === undefined) return undefined;
  const [, policy] = resources("google_dataproc_autoscaling_policy")[0] ?? [];
  const {
    master_config: master,
    worker_config: worker,
    preemptible_worker_config: spot,
  } = cluster.cluster_config;
  const group = (count, { machine_type: type = worker.machine_type, disk_config: disk }) =>
    machines(count, type, disk);
  // A NAT takes an address for each 64,512 connections: one is enough here.
  const nat = { IN_USE_ADDRESSES: resources("google_compute_router_nat").length };
  const fixed = [group(master.num_instances, master), nat];
  const least = sum([...fixed, group(worker.num_instances, worker), group(spot.num_instances, spot)]);
  const most = sum([
    ...fixed,
    group(policy?.worker_config?.max_instances ?? worker.num_instances, worker),
    group(policy?.secondary_worker_config?.max_instances ?? spot.num_instances, spot),
  ]);
  return { region: cluster.region, cluster: cluster.name, least, most };
}

/** Refuses a plan that the quotas cannot hold at its least; names what they cannot hold at its most. */
export function check(stack, cloud) {
  const plan = needs(stack);
  if (plan === undefined) return;
  const { region, least, most } = plan;
  const [project] = stack.projects;
  const granted = new Map();
  for (const [of, ...args] of [
    [region, "compute", "regions", "describe", region],
    ["the project", "compute", "project-info", "describe"],
  ]) {
    const text = cloud.ask(...args, `--project=${project}`, "--format=json(quotas)");
    for (const { metric, limit, usage } of JSON.parse(text ?? "{}").quotas ?? [])
      granted.set(metric, { of, limit, usage });
  }
  if (granted.size === 0) {
    console.error(
      `quotas of project ${project} are not checked: \`gcloud compute regions describe ${region}\` did not answer`,
    );
    return;
  }
  // The usage includes a cluster that is there.
  const exists = cloud.ask(
    "dataproc",
    "clusters",
    "describe",
    plan.cluster,
    `--region=${region}`,
    `--project=${project}`,
  );
  const lacking = (need) =>
    Object.entries(need).flatMap(([metric, value]) => {
      const quota = granted.get(metric);
      if (quota === undefined) return [];
      const free = exists === undefined ? quota.limit - quota.usage : quota.limit;
      return value > free
        ? [`quota ${metric} of ${quota.of}: ${value} needed, ${free} of ${quota.limit} free`]
        : [];
    });
  const remedy = `request more at https://console.cloud.google.com/iam-admin/quotas?project=${project}`;
  const refused = lacking(least);
  if (refused.length > 0)
    throw new UserError(
      refused
        .map((line) => `${line}: ${remedy}, or choose smaller machines or disks in \`processing\``)
        .join("\nerror: "),
    );
  for (const line of lacking(most))
    console.error(
      `warning: with every worker that the autoscaler may add: ${line}: ${remedy}, or lower \`processing\``,
    );
}

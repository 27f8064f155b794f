import { Machine, machineOf } from "../../constructs/processing/machine-types";
import { DAYS_PER_MONTH, HOURS_PER_MONTH, SPOT_HOURS_PER_DAY, SPOT_SHARE, volumes } from "../assumptions";
import { clusterHours } from "./running-hours";
import { Bill, Line, line, sum } from "../bill";
import { PriceName, isPriced } from "../price-list";
import { Block, NotEstimated, Resource, block, number, text } from "../synthesized-stack";

export function machine(type: string): Machine {
  const known = machineOf(type);
  if (known === undefined)
    throw new NotEstimated(`machine type ${type || "unset"}: cost/prices.json has only e2 and n2`);
  return known;
}

/** Machines for a number of machine-hours: processors, memory and the Dataproc fee. */
function running(item: string, { family, vcpus, gib }: Machine, hours: number, spot = ""): Line[] {
  const price = (unit: "vcpu-hour" | "gib-hour"): PriceName =>
    spot === "" ? `${family}.${unit}` : `${family}.spot.${unit}`;
  return [
    line(`${item}: ${spot}vCPU`, vcpus * hours, price("vcpu-hour")),
    line(`${item}: ${spot}memory`, gib * hours, price("gib-hour")),
    line(`${item}: Dataproc`, vcpus * hours, "dataproc.vcpu-hour"),
  ];
}

/** Disks cost as long as they exist, also while their machine is stopped. */
function disks(item: string, config: Block, count: number): Line {
  const disk = block(config.disk_config);
  const price = `disk.${text(disk.boot_disk_type)}`;
  if (!isPriced(price)) throw new NotEstimated(`disk type ${text(disk.boot_disk_type) || "unset"}`);
  if (typeof disk.boot_disk_size_gb !== "number") throw new NotEstimated("boot_disk_size_gb is not set");
  return line(`${item}: disks`, disk.boot_disk_size_gb * count, price);
}

/** Machine-hours of spot workers in a month: permanent ones and those that the autoscaler adds. */
function spotHours(config: Block, all: readonly Resource[], hours: number): number {
  const policy = /^\$\{(google_dataproc_autoscaling_policy\.[\w-]+)\.id\}$/.exec(
    text(block(config.autoscaling_config).policy_uri),
  )?.[1];
  const limits = block(all.find(({ address }) => address === policy)?.attributes.secondary_worker_config);
  const added = number(limits.max_instances, 0) * SPOT_SHARE * SPOT_HOURS_PER_DAY * DAYS_PER_MONTH;
  return number(block(config.preemptible_worker_config).num_instances, 0) * hours + added;
}

/** A cluster: master and primary workers while it runs, spot workers during the daily run, disks, and the jobs' logs. */
export function cluster(resource: Resource, all: readonly Resource[]): Bill {
  const config = block(resource.attributes.cluster_config);
  const hours = clusterHours(all);
  const [masterConfig, workerConfig] = [block(config.master_config), block(config.worker_config)];
  const spotConfig = block(config.preemptible_worker_config);
  const [master, worker] = [
    machine(text(masterConfig.machine_type)),
    machine(text(workerConfig.machine_type)),
  ];
  const [masters, workers] = [number(masterConfig.num_instances, 1), number(workerConfig.num_instances, 2)];
  const fixed = (time: number): Line[] => [
    ...running("master", master, masters * time),
    ...running("workers", worker, workers * time),
  ];

  const spot = spotHours(config, all, hours);
  const spotDisks = spot / HOURS_PER_MONTH;
  const secondary = running("spot workers", worker, spot, "spot ");
  return {
    lines: [
      ...fixed(hours),
      ...secondary,
      disks("master", masterConfig, masters),
      disks("workers", workerConfig, workers),
      ...(spot > 0 ? [disks("spot workers", spotConfig, spotDisks)] : []),
      line("logs of jobs", volumes(resource.environment).logGibPerMonth, "logging.gib"),
    ],
    savings: [
      { measure: "spot workers", usd: sum(running("spot workers", worker, spot)) - sum(secondary) },
      { measure: "cluster between runs", usd: sum(fixed(HOURS_PER_MONTH)) - sum(fixed(hours)) },
    ],
  };
}

/** Machine-hours of the stack's clusters in a month. */
export function machineHours(all: readonly Resource[]): number {
  return all
    .filter(({ type }) => type === "google_dataproc_cluster")
    .map(({ attributes }) => {
      const config = block(attributes.cluster_config);
      const hours = clusterHours(all);
      const fixed =
        number(block(config.master_config).num_instances, 1) +
        number(block(config.worker_config).num_instances, 2);
      return fixed * hours + spotHours(config, all, hours);
    })
    .reduce((total, hours) => total + hours, 0);
}

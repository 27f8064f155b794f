import { prices } from "../../cost/prices.json";

const GIB_PER_VCPU: Readonly<Record<string, number>> = { standard: 4, highmem: 8, highcpu: 1 };

/** A machine type that cost/prices.json has prices of. */
export interface Machine {
  readonly family: "e2" | "n2";
  readonly vcpus: number;
  readonly gib: number;
}

/** Undefined for a type that has no prices. */
export function machineOf(type: string): Machine | undefined {
  const [, family, shape = "", vcpus] = /^(e2|n2)-(standard|highmem|highcpu)-(\d+)$/.exec(type) ?? [];
  const gib = GIB_PER_VCPU[shape];
  if ((family !== "e2" && family !== "n2") || gib === undefined) return undefined;
  return { family, vcpus: Number(vcpus), gib: Number(vcpus) * gib };
}

/** US dollars for an hour of a machine of a cluster: processors, memory and the fee of Dataproc. */
export function usdPerHour({ family, vcpus, gib }: Machine, spot: "" | "spot." = ""): number {
  const compute =
    vcpus * prices[`${family}.${spot}vcpu-hour`].usd + gib * prices[`${family}.${spot}gib-hour`].usd;
  return compute + vcpus * prices["dataproc.vcpu-hour"].usd;
}

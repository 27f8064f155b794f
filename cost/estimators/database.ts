import { BACKUP_CHANGE, DATABASE_DISK_GIB, DATABASE_USED_GIB, HOURS_PER_MONTH } from "../assumptions";
import { runningHours } from "./running-hours";
import { Bill, Line, line, sum } from "../bill";
import { NotEstimated, Resource, block, number, text } from "../synthesized-stack";

/** A Cloud SQL instance or replica of the Enterprise edition. A regional one costs twice as much, disk included. */
export function database({ attributes }: Resource, all: readonly Resource[]): Bill {
  const settings = block(attributes.settings);
  const [, cpus, megabytes] = /^db-custom-(\d+)-(\d+)$/.exec(text(settings.tier)) ?? [];
  if (cpus === undefined)
    throw new NotEstimated(`tier ${text(settings.tier) || "unset"}: only db-custom-* is known`);
  if (text(settings.edition) !== "ENTERPRISE")
    throw new NotEstimated(`edition ${text(settings.edition) || "unset"}`);
  if (text(settings.disk_type) !== "PD_SSD")
    throw new NotEstimated(`disk type ${text(settings.disk_type) || "unset"}`);

  const nodes = text(settings.availability_type) === "REGIONAL" ? 2 : 1;
  const hours = runningHours(all, text(attributes.name));
  const compute = (time: number): Line[] => [
    line("vCPU", Number(cpus) * nodes * time, "sql.vcpu-hour"),
    line("memory", (Number(megabytes) / 1024) * nodes * time, "sql.gib-hour"),
  ];
  const backups = block(settings.backup_configuration);
  const kept = number(block(backups.backup_retention_settings).retained_backups, 7);
  const backupGib = DATABASE_USED_GIB * (1 + (kept - 1) * BACKUP_CHANGE);
  return {
    lines: [
      ...compute(hours),
      line("disk", number(settings.disk_size, DATABASE_DISK_GIB) * nodes, "sql.ssd"),
      ...(backups.enabled === true ? [line(`${kept} backups`, backupGib, "sql.backup")] : []),
    ],
    savings: [{ measure: "office hours", usd: sum(compute(HOURS_PER_MONTH)) - sum(compute(hours)) }],
  };
}

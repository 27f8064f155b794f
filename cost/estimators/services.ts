import {
  AGE_DAYS,
  ALLOWED_LOG_GIB_PER_RULE,
  DAYS_PER_MONTH,
  DENIED_LOG_GIB_PER_RULE,
  FIGURES_SHARE,
  HOURS_PER_MONTH,
  KMS_OPERATIONS_PER_KEY,
  LONG_TERM_DAYS,
  MESSAGE_SHARE,
  MESSAGE_TIB,
  METRIC_MIB,
  SCAN_DCU_HOURS,
  SECRET_VERSIONS,
  STREAMED_SHARE,
  WAREHOUSE_COMPRESSION,
  WAREHOUSE_SHARE,
  volumes,
} from "../assumptions";
import { machineHours } from "./dataproc";
import { Bill, line } from "../bill";
import { NotEstimated, Resource, block, blocks, days, number, text } from "../synthesized-stack";

/** GiB of sales messages in a month. */
function messages(environment: string): number {
  return volumes(environment).lakeGibPerMonth * STREAMED_SHARE * MESSAGE_SHARE;
}

/** Tables of messages, which expire after some days. */
function messageTables({ environment }: Resource, all: readonly Resource[]): Bill {
  const expiries = all
    .filter(
      (other) =>
        other.type === "google_bigquery_table" &&
        other.component === "stream" &&
        other.environment === environment,
    )
    .map(({ attributes }) => number(block(attributes.time_partitioning).expiration_ms, 0) / 86_400_000);
  const gib = (messages(environment) * Math.max(0, ...expiries)) / DAYS_PER_MONTH;
  return { lines: [line("messages", gib, "bigquery.logical.active")] };
}

/** Tables of figures in another region, copied as a whole after each daily run. Copying is taken as billed uncompressed. */
function recoveryCopy({ environment }: Resource): Bill {
  const gib =
    (volumes(environment).lakeGibPerMonth * WAREHOUSE_SHARE * FIGURES_SHARE * AGE_DAYS) / DAYS_PER_MONTH;
  return {
    lines: [
      line("tables", gib, "bigquery.logical.active"),
      line("copying", gib * DAYS_PER_MONTH, "bigquery.replication"),
    ],
  };
}

/** Tables of the warehouse with its queries, their copy, the copy of the audit log, or messages. */
export function dataset(resource: Resource, all: readonly Resource[]): Bill {
  const { attributes, environment, component } = resource;
  if (component === "stream") return messageTables(resource, all);
  if (component === "recovery-copy") return recoveryCopy(resource);
  const { lakeGibPerMonth, auditGibPerMonth, queriedTibPerMonth } = volumes(environment);
  const audit = component === "audit";
  const monthly = audit ? auditGibPerMonth : lakeGibPerMonth * WAREHOUSE_SHARE;
  const expiry = number(attributes.default_partition_expiration_ms, Infinity) / 86_400_000;
  const kept = Math.min(AGE_DAYS, expiry);
  const active = Math.min(kept, LONG_TERM_DAYS);
  const physical = text(attributes.storage_billing_model) === "PHYSICAL";
  const gib = (time: number): number =>
    (monthly * time) / DAYS_PER_MONTH / (physical ? WAREHOUSE_COMPRESSION : 1);
  const model = physical ? "physical" : "logical";
  return {
    lines: [
      line("tables", gib(active), `bigquery.${model}.active`),
      line("tables, unchanged", gib(kept - active), `bigquery.${model}.long-term`),
      ...(audit ? [] : [line("queries", queriedTibPerMonth, "bigquery.query")]),
    ],
  };
}

/** A scan of a table after each daily run. */
export function scan(): Bill {
  return { lines: [line("processing", SCAN_DCU_HOURS * DAYS_PER_MONTH, "dataplex.premium-dcu-hour")] };
}

/** A NAT gateway with one address. It is billed by machine, for at most 32 machines. */
export function nat({ environment }: Resource, all: readonly Resource[]): Bill {
  return {
    lines: [
      line("machines", Math.min(machineHours(all), 32 * HOURS_PER_MONTH), "nat.vm-hour"),
      line("address", HOURS_PER_MONTH, "nat.address-hour"),
      line("traffic", volumes(environment).natGibPerMonth, "nat.gib"),
    ],
  };
}

/** A key. Its old versions are never destroyed, so each of them keeps costing. */
export function key({ attributes }: Resource): Bill {
  const protection = text(block(attributes.version_template).protection_level) || "SOFTWARE";
  if (protection !== "SOFTWARE") throw new NotEstimated(`protection level ${protection}`);
  const period = days(attributes.rotation_period);
  return {
    lines: [
      line("versions", 1 + (period > 0 ? Math.floor(AGE_DAYS / period) : 0), "kms.version-month"),
      line("operations", KMS_OPERATIONS_PER_KEY / 10_000, "kms.10000-operations"),
    ],
  };
}

export function secret({ attributes }: Resource): Bill {
  const replicas = blocks(block(block(attributes.replication).user_managed).replicas);
  const period = days(block(attributes.rotation).rotation_period);
  return {
    lines: [
      line("versions", SECRET_VERSIONS * Math.max(1, replicas.length), "secret.version-month"),
      ...(period > 0 ? [line("rotation notices", DAYS_PER_MONTH / period, "secret.rotation")] : []),
    ],
  };
}

/**
 * Data-access log of one service in the project's bucket `_Default`. The audit log's own bucket and dataset are resources of
 * their own. All services have the same share of the volume.
 */
export function dataAccessLog({ environment, type }: Resource, all: readonly Resource[]): Bill {
  const services = all.filter((other) => other.type === type && other.environment === environment).length;
  return { lines: [line("in _Default", volumes(environment).auditGibPerMonth / services, "logging.gib")] };
}

/** Bucket of the audit log. */
export function logBucket({ attributes, environment }: Resource): Bill {
  const monthly = volumes(environment).auditGibPerMonth;
  const longer = Math.max(0, number(attributes.retention_days, 30) - 30);
  return {
    lines: [
      line("audit log", monthly, "logging.gib"),
      line("kept longer", (monthly * Math.min(longer, AGE_DAYS)) / DAYS_PER_MONTH, "logging.retention"),
    ],
  };
}

/** Flow logs of a subnet; the subnet itself is free. */
export function subnet({ attributes, environment }: Resource): Bill {
  const logged = Object.keys(block(attributes.log_config)).length > 0;
  const gib = logged ? volumes(environment).flowLogGibPerMonthAndSubnet : 0;
  return { lines: [line("flow logs", gib, "logging.network-gib")] };
}

/** Log of the connections that a firewall rule matches; the rule itself is free. */
export function firewall({ attributes }: Resource): Bill {
  const logged = Object.keys(block(attributes.log_config)).length > 0;
  const allows = blocks(attributes.allow).length > 0;
  const gib = !logged ? 0 : allows ? ALLOWED_LOG_GIB_PER_RULE : DENIED_LOG_GIB_PER_RULE;
  return { lines: [line("log of connections", gib, "logging.network-gib")] };
}

/** Conditions of an alert that read a metric; those that read logs are free. */
export function alert({ attributes }: Resource): Bill {
  const metric = blocks(attributes.conditions).filter((condition) => !("condition_matched_log" in condition));
  return { lines: [line("conditions", metric.length, "monitoring.condition-month")] };
}

export const logMetric = (): Bill => ({ lines: [line("measurements", METRIC_MIB, "monitoring.mib")] });
export const zone = (): Bill => ({ lines: [line("zone", 1, "dns.zone-month")] });
export const schedule = (): Bill => ({ lines: [line("schedule", 1, "scheduler.job-month")] });

/** A topic and what its subscriptions deliver: the stream's messages go to BigQuery, all others are a few notices. */
export function topic({ attributes, environment }: Resource): Bill {
  // Sales alone have a schema.
  if (Object.keys(block(attributes.schema_settings)).length === 0)
    return { lines: [line("messages", MESSAGE_TIB, "pubsub.tib")] };
  const tib = messages(environment) / 1024;
  return {
    lines: [line("messages", tib, "pubsub.tib"), line("written to BigQuery", tib, "pubsub.bigquery-tib")],
  };
}

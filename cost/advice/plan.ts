import { usdPerHour } from "../../constructs/processing/machine-types";
import { Stage } from "../../environments/environment";
import { HOURS_PER_MONTH } from "../assumptions";
import { PRICES } from "../price-list";
import { clusterHours, runningHours } from "../estimators/running-hours";
import { machine } from "../estimators/dataproc";
import { StackJson, block, number, resourcesOf, text } from "../synthesized-stack";

/** A synthesized environment, as far as advice reads it. Prices are US dollars. */
export interface Plan {
  readonly environment: string;
  readonly stage: Stage;
  readonly cluster: {
    readonly standing: boolean;
    readonly primaryWorkers: number;
    /** Hours a month in which it runs. */
    readonly hours: number;
    /** Master and primary workers. */
    readonly usdPerHour: number;
    readonly usdPerWorkerHour: number;
    readonly usdPerSpotWorkerHour: number;
  };
  readonly database: { readonly hours: number; readonly usdPerHour: number };
  /** Hours after which a DAG run is late. */
  readonly deadlineHours: number;
  readonly tables: readonly {
    readonly name: string;
    readonly partitioned: boolean;
    readonly filtered: boolean;
  }[];
}

/**
 * Reads a stack.
 * @throws Error where it has no cluster or database
 */
export function planOf(environment: string, stage: Stage, json: StackJson): Plan {
  const all = resourcesOf(environment, json);
  const first = (type: string): Readonly<Record<string, unknown>> => {
    const found = all.find((resource) => resource.type === type);
    if (found === undefined) throw new Error(`the stack ${environment} has no ${type}: synthesize it again`);
    return found.attributes;
  };
  const config = block(first("google_dataproc_cluster").cluster_config);
  const [masters, workers] = [block(config.master_config), block(config.worker_config)];
  const worker = machine(text(workers.machine_type));
  const primaryWorkers = number(workers.num_instances, 2);
  const hours = clusterHours(all);
  const instance = first("google_sql_database_instance");
  const settings = block(instance.settings);
  const [, cpus = "0", megabytes = "0"] = /^db-custom-(\d+)-(\d+)$/.exec(text(settings.tier)) ?? [];
  const nodes = settings.availability_type === "REGIONAL" ? 2 : 1;
  const variables = block(
    block(block(first("google_composer_environment").config).software_config).env_variables,
  );
  return {
    environment,
    stage,
    cluster: {
      standing: hours === HOURS_PER_MONTH,
      primaryWorkers,
      hours,
      usdPerHour:
        number(masters.num_instances, 1) * usdPerHour(machine(text(masters.machine_type))) +
        primaryWorkers * usdPerHour(worker),
      usdPerWorkerHour: usdPerHour(worker),
      usdPerSpotWorkerHour: usdPerHour(worker, "spot."),
    },
    database: {
      hours: runningHours(all, text(instance.name)),
      usdPerHour:
        nodes *
        (Number(cpus) * PRICES["sql.vcpu-hour"].usd +
          (Number(megabytes) / 1024) * PRICES["sql.gib-hour"].usd),
    },
    deadlineHours: Number(variables.DEADLINE_HOURS),
    tables: all
      .filter(({ type }) => type === "google_bigquery_table")
      .map(({ attributes }) => ({
        name: text(attributes.table_id),
        partitioned: attributes.time_partitioning !== undefined,
        filtered: attributes.require_partition_filter === true,
      })),
  };
}

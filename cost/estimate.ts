import { composer } from "./estimators/composer";
import { database } from "./estimators/database";
import { cluster } from "./estimators/dataproc";
import { FREE } from "./free-resources";
import { Bill, Line, Saving, sum } from "./bill";
import {
  alert,
  dataAccessLog,
  dataset,
  firewall,
  key,
  logBucket,
  logMetric,
  nat,
  schedule,
  secret,
  subnet,
  topic,
  zone,
  scan,
} from "./estimators/services";
import { bucket } from "./estimators/storage";
import { NotEstimated, Resource, StackJson, regionsOf, resourcesOf } from "./synthesized-stack";

export const ESTIMATORS: Readonly<Record<string, (resource: Resource, all: readonly Resource[]) => Bill>> = {
  google_bigquery_dataset: dataset,
  google_cloud_scheduler_job: schedule,
  google_composer_environment: composer,
  google_compute_firewall: firewall,
  google_compute_router_nat: nat,
  google_compute_subnetwork: subnet,
  google_dataplex_datascan: scan,
  google_dataproc_cluster: cluster,
  google_dns_managed_zone: zone,
  google_kms_crypto_key: key,
  google_logging_metric: logMetric,
  google_logging_project_bucket_config: logBucket,
  google_monitoring_alert_policy: alert,
  google_project_iam_audit_config: dataAccessLog,
  google_pubsub_topic: topic,
  google_secret_manager_secret: secret,
  google_sql_database_instance: database,
  google_storage_bucket: bucket,
};

/** Where a line belongs. */
interface Place {
  readonly environment: string;
  readonly component: string;
  readonly address: string;
}

export interface Estimate {
  /** Name of the stack. */
  readonly stack: string;
  /** Regions of its resources, sorted. */
  readonly regions: readonly string[];
  /** US dollars a month: total of all lines. */
  readonly usd: number;
  readonly lines: readonly (Place & Line)[];
  readonly savings: readonly (Place & Saving)[];
  readonly free: readonly { readonly type: string; readonly count: number; readonly reason: string }[];
  /** Resources that are neither priced nor free; they are not in the total. */
  readonly notEstimated: readonly { readonly address: string; readonly reason: string }[];
}

/** Monthly cost of a stack. Every resource is priced, free for a stated reason, or listed as not estimated. */
export function estimate(stack: string, json: StackJson): Estimate {
  const all = resourcesOf(stack, json);
  const lines: (Place & Line)[] = [];
  const savings: (Place & Saving)[] = [];
  const free = new Map<string, { type: string; count: number; reason: string }>();
  const notEstimated: { address: string; reason: string }[] = [];
  for (const resource of all) {
    const { type, address, environment, component, attributes } = resource;
    const place = { environment, component, address };
    const entry = FREE[type];
    const estimator = ESTIMATORS[type];
    try {
      if (entry && (entry.when?.(attributes) ?? true)) {
        const count = (free.get(type)?.count ?? 0) + 1;
        free.set(type, { type, count, reason: entry.reason });
      } else if (estimator) {
        const bill = estimator(resource, all);
        lines.push(...bill.lines.map((item) => ({ ...place, ...item })));
        savings.push(...(bill.savings ?? []).map((item) => ({ ...place, ...item })));
      } else {
        throw new NotEstimated(`no price for ${type}${entry ? " of this kind" : ""}`);
      }
    } catch (error) {
      if (!(error instanceof NotEstimated)) throw error;
      notEstimated.push({ address, reason: error.message });
    }
  }
  return {
    stack,
    regions: regionsOf(json),
    usd: sum(lines),
    lines,
    savings,
    free: [...free.values()],
    notEstimated,
  };
}

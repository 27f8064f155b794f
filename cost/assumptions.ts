// Assumptions that no plan contains: how much data arrives, how often it is read, how busy the cluster is. docs/platform/cost.md
// explains them.
import { environments } from "../environments";
import { Stage } from "../environments/environment";
import { NotEstimated } from "./synthesized-stack";

export const HOURS_PER_MONTH = 730;
export const DAYS_PER_MONTH = HOURS_PER_MONTH / 24;
/** Age of the platform that is estimated, in days: data, key versions and backups have accumulated. */
export const AGE_DAYS = 1095;

/** Data of one environment in a month. */
export interface Volumes {
  /** New sales lines in the lake. */
  readonly lakeGibPerMonth: number;
  /** Bytes that on-demand queries read, those of the daily report with them: at most `maximumGibBilled` a day. */
  readonly queriedTibPerMonth: number;
  /** Application logs of the job; Airflow writes as much again. */
  readonly logGibPerMonth: number;
  /** Audit log, mostly data access: every read and write of objects, tables, secrets and the database. */
  readonly auditGibPerMonth: number;
  /** A tenth of the flows, at intervals of ten minutes, without metadata. */
  readonly flowLogGibPerMonthAndSubnet: number;
  /** Traffic through NAT: only mail and chat, because Google's services are reached privately. */
  readonly natGibPerMonth: number;
}

export const VOLUMES: Readonly<Record<Stage, Volumes>> = {
  development: {
    lakeGibPerMonth: 1,
    queriedTibPerMonth: 0.1,
    logGibPerMonth: 2,
    auditGibPerMonth: 1,
    flowLogGibPerMonthAndSubnet: 0.1,
    natGibPerMonth: 1,
  },
  staging: {
    lakeGibPerMonth: 10,
    queriedTibPerMonth: 0.5,
    logGibPerMonth: 5,
    auditGibPerMonth: 2,
    flowLogGibPerMonthAndSubnet: 0.2,
    natGibPerMonth: 1,
  },
  production: {
    lakeGibPerMonth: 100,
    queriedTibPerMonth: 8.5,
    logGibPerMonth: 20,
    auditGibPerMonth: 10,
    flowLogGibPerMonthAndSubnet: 1,
    natGibPerMonth: 2,
  },
};

/**
 * Volumes of an environment, by its stage.
 *
 * @throws NotEstimated for an environment that environments/index.ts does not list
 */
export function volumes(environment: string): Volumes {
  const found = environments.find(({ name }) => name === environment);
  if (found === undefined)
    throw new NotEstimated(`environment ${environment} is not in environments/index.ts`);
  return VOLUMES[found.stage];
}

/** New data of a bucket as a share of the lake's, by the suffix of the bucket's name. */
export const BUCKET_SHARE: Readonly<Record<string, number>> = {
  data: 1,
  archive: 1,
  staging: 0.5,
  // Shuffles are on the workers' disks, event logs in the staging bucket.
  temp: 0.5,
  composer: 0.1,
  report: 0.001,
  "access-log": 0.1,
  tfstate: 0.001,
};

/**
 * Size of uncompressed tables as a share of the sales lines that they come from. A row of `sales_lines` is larger than its
 * line: five amounts of 16 bytes, and a customer's key of 64 letters.
 */
export const WAREHOUSE_SHARE = 4;
/**
 * Size of the tables of figures as a share of the warehouse: 100 GiB of lines in a month are 40 million a day, which become
 * 30,000 rows of 200 bytes in `daily_product_sales` and few in the others.
 */
export const FIGURES_SHARE = 0.0005;
/** Compression ratio of BigQuery's columnar storage. */
export const WAREHOUSE_COMPRESSION = 4;
/** Days after which an unchanged partition costs half. */
export const LONG_TERM_DAYS = 90;

/**
 * Hours a day in which a cluster that does not stand is up for the daily run: its start, the job, and its stop after the
 * secondary workers have left.
 */
export const CLUSTER_HOURS_PER_DAY = 1;

/** Hours a day in which the daily run uses spot workers, and the share of the allowed spot workers that it uses. */
export const SPOT_HOURS_PER_DAY = 1;
export const SPOT_SHARE = 0.5;

/** Log of connections of one firewall rule in a month. Denied ones are few; allowed ones are every call and every shuffle. */
export const DENIED_LOG_GIB_PER_RULE = 0.1;
export const ALLOWED_LOG_GIB_PER_RULE = 10;

/** Initial disk of Cloud SQL when the plan gives no size; it grows automatically. */
export const DATABASE_DISK_GIB = 10;
/** Reference data: the first backup contains all of it, each further one the share `BACKUP_CHANGE`. */
export const DATABASE_USED_GIB = 2;
export const BACKUP_CHANGE = 0.05;

/** Composer bills milli-DCU. Its price page has no conversion (read in November 2026): check it against the first bill. */
export const MILLI_DCU_PER_VCPU = 1000;
export const MILLI_DCU_PER_GIB = 100;
/** Composer's own components behind Airflow, by the environment's size. */
export const MILLI_DCU_OF_SIZE: Readonly<Record<string, number>> = {
  ENVIRONMENT_SIZE_SMALL: 5800,
  ENVIRONMENT_SIZE_MEDIUM: 8000,
  ENVIRONMENT_SIZE_LARGE: 12000,
};
/** High resilience doubles Composer's own components. */
export const RESILIENCE_FACTOR = 2;
export const COMPOSER_DATABASE_GIB = 10;

/** Data compute units that a scan of a table takes, in hours: a guess until the first bill. */
export const SCAN_DCU_HOURS = 0.05;
export const SECRET_VERSIONS = 2;
export const KMS_OPERATIONS_PER_KEY = 100_000;
/** Samples of one log-based metric in a month. */
export const METRIC_MIB = 1;
/** Messages of a topic of a few notices a month. */
export const MESSAGE_TIB = 0.000_001;
/** Share of the sales lines that come as messages too. */
export const STREAMED_SHARE = 1;
/** Size of a message as a share of its line: JSON names every field, and Pub/Sub counts its id and time. */
export const MESSAGE_SHARE = 4;

// What no plan says: how much data comes, how often it is read, how busy the cluster is. docs/platform/cost.md explains them.

export const HOURS_PER_MONTH = 730;
export const DAYS_PER_MONTH = HOURS_PER_MONTH / 24;
/** The estimate is for a platform that has run so long: data, key versions and backups have gathered. */
export const AGE_DAYS = 1095;

export interface Volumes {
  /** New sales lines in the lake. */
  readonly lakeGibPerMonth: number;
  /** Read by queries that are billed by bytes. */
  readonly queriedTibPerMonth: number;
  /** Application logs: the job's and Airflow's, each. */
  readonly logGibPerMonth: number;
  /** Audit log, nearly all of it data access: each read and write of objects, tables, secrets and the database. */
  readonly auditGibPerMonth: number;
  readonly flowLogGibPerMonthAndSubnet: number;
  /** Through NAT: mail and chat alone, Google's own services are reached privately. */
  readonly natGibPerMonth: number;
}

/** By environment. */
export const VOLUMES: Readonly<Record<string, Volumes>> & { readonly dev: Volumes } = {
  dev: {
    lakeGibPerMonth: 1,
    queriedTibPerMonth: 0.1,
    logGibPerMonth: 2,
    auditGibPerMonth: 1,
    flowLogGibPerMonthAndSubnet: 1,
    natGibPerMonth: 1,
  },
  staging: {
    lakeGibPerMonth: 10,
    queriedTibPerMonth: 0.5,
    logGibPerMonth: 5,
    auditGibPerMonth: 2,
    flowLogGibPerMonthAndSubnet: 2,
    natGibPerMonth: 1,
  },
  prod: {
    lakeGibPerMonth: 100,
    queriedTibPerMonth: 5,
    logGibPerMonth: 20,
    auditGibPerMonth: 10,
    flowLogGibPerMonthAndSubnet: 10,
    natGibPerMonth: 2,
  },
};

/** New data of a bucket as a part of the lake's, by the end of the bucket's name. */
export const BUCKET_SHARE: Readonly<Record<string, number>> = {
  data: 1,
  archive: 1,
  staging: 0.5,
  temp: 2,
  composer: 0.1,
  "access-log": 0.1,
  tfstate: 0.001,
};

/** Uncompressed tables as a part of the sales lines that they come from. */
export const WAREHOUSE_SHARE = 0.25;
/** BigQuery's columns compress so many times. */
export const WAREHOUSE_COMPRESSION = 4;
/** A partition that is not changed for so long costs half. */
export const LONG_TERM_DAYS = 90;

/** While a day is computed, so many hours a day this part of the spot workers that are allowed is there. */
export const SPOT_HOURS_PER_DAY = 1;
export const SPOT_SHARE = 0.5;

/** What Cloud SQL starts with when the plan names no size; it grows by itself. */
export const DATABASE_DISK_GIB = 10;
/** Reference data: the first backup holds all of it, each further one this part. */
export const DATABASE_USED_GIB = 2;
export const BACKUP_CHANGE = 0.05;

/** Composer counts in milli-DCU; Google publishes no table of units: to be checked on the first bill. */
export const MILLI_DCU_PER_VCPU = 1000;
export const MILLI_DCU_PER_GIB = 100;
/** What stands behind Airflow, by the environment's size. */
export const MILLI_DCU_OF_SIZE: Readonly<Record<string, number>> = {
  ENVIRONMENT_SIZE_SMALL: 5800,
  ENVIRONMENT_SIZE_MEDIUM: 8000,
  ENVIRONMENT_SIZE_LARGE: 12000,
};
/** High resilience keeps what stands behind Airflow twice. */
export const RESILIENCE_FACTOR = 2;
export const COMPOSER_DATABASE_GIB = 10;

export const SECRET_VERSIONS = 2;
export const KMS_OPERATIONS_PER_KEY = 100_000;
/** Measurements of one log-based metric in a month. */
export const METRIC_MIB = 1;
export const MESSAGE_TIB = 0.000_001;

/** In the order in which a change reaches them: every rule about an environment depends on its stage, none on its name. */
export const STAGES = ["development", "staging", "production"] as const;
export type Stage = (typeof STAGES)[number];

/** One environment: everything in which environments differ, and nothing else. */
export interface Environment {
  /** Short name; part of every resource name and the value of the `environment` label. */
  readonly name: string;
  readonly stage: Stage;
  /** Project that holds the environment alone. */
  readonly projectId: string;
  readonly region: string;
  /** Second region for copies and replicas; same continent as `region`. */
  readonly recoveryRegion?: string;
  /**
   * `protected`: nothing that holds data can be destroyed. `destroyable`: everything can.
   * `decommissioning`: a protected environment on its way out (`DECOMMISSION=<name>`, see environments/index.ts).
   */
  readonly protection: "protected" | "destroyable" | "decommissioning";
  /**
   * Encrypt with keys of the project's own Cloud KMS; without it, with Google's. Key rings are never deleted: an
   * environment that was destroyed and is made anew takes the next generation.
   */
  readonly customerKeys?: { readonly generation: number };
  /** Who pays for it and answers for it; the label `team`. */
  readonly team: string;
  readonly costCenter: string;
  readonly network: NetworkSettings;
  readonly lake: LakeSettings;
  readonly secrets: SecretSettings;
  readonly database: DatabaseSettings;
  readonly warehouse: WarehouseSettings;
  readonly processing: ProcessingSettings;
  readonly orchestration: OrchestrationSettings;
  readonly access: AccessSettings;
  readonly notifications: NotificationSettings;
  readonly operations: OperationSettings;
  /** Hours in which the database and the cluster run; without it they always run. */
  readonly officeHours?: OfficeHours;
}

/** IPv4 ranges in CIDR notation; none may overlap another. */
export interface NetworkSettings {
  /** Orchestration. */
  readonly publicSubnet: string;
  readonly composerPods: string;
  readonly composerServices: string;
  /** Composer's own components; exactly a /20. */
  readonly composerInternal: string;
  /** Processing. */
  readonly privateSubnet: string;
  readonly dataprocPods: string;
  /** Peered services: Cloud SQL. */
  readonly privateServices: string;
}

export interface LakeSettings {
  /** Days that a replaced or deleted object can be brought back. */
  readonly noncurrentDays: number;
  /** 7 to 90 days in which even a deleted version can be restored. */
  readonly softDeleteDays: number;
  /** Write-once days of the archive bucket; without it the archive is versioned instead. */
  readonly archiveRetentionDays?: number;
  /** Locking is for ever: even the project's owner cannot shorten the retention any more. */
  readonly archiveLocked: boolean;
}

export interface SecretSettings {
  readonly rotationDays: number;
  /** First rotation, RFC 3339 in UTC; the service advances it by itself. */
  readonly firstRotation: string;
}

export interface DatabaseSettings {
  /** Part of the instance's name, which cannot be reused for a week after a delete. */
  readonly generation: number;
  /** 1 or an even number. */
  readonly cpus: number;
  /** 0.9 to 6.5 GB for each CPU, at least 3.75. */
  readonly memoryGb: number;
  /** `REGIONAL` keeps a standby in a second zone. */
  readonly availability: "ZONAL" | "REGIONAL";
  readonly pointInTimeRecovery: boolean;
  readonly retainedBackups: number;
  /** When the latest backup is restored into a throwaway instance, a cron expression in UTC; without it, by hand. */
  readonly restoreDrill?: string;
  readonly maxConnections: number;
  /** A read replica, and the backups, in the recovery region. */
  readonly crossRegion: boolean;
}

export interface WarehouseSettings {
  /** 48 to 168, in steps of 24. */
  readonly timeTravelHours: number;
  /** `PHYSICAL` bills compressed bytes and time travel, `LOGICAL` uncompressed bytes alone. */
  readonly storageBilling: "PHYSICAL" | "LOGICAL";
  /** Most that one query of the DAG may read; BigQuery refuses one that would read more. */
  readonly maximumGibBilled: number;
  /** Days that quarantined lines are kept; without it, for ever. */
  readonly quarantineDays?: number;
  /** Memory of a BI Engine reservation. */
  readonly biEngineGib?: number;
  /** Reserved slots instead of on-demand queries; multiples of 50. */
  readonly slots?: { readonly baseline: number; readonly max: number };
}

export interface ProcessingSettings {
  readonly masterType: string;
  readonly workerType: string;
  readonly diskGb: number;
  /** At least 2: HDFS needs them. */
  readonly primaryWorkers: { readonly min: number; readonly max: number };
  readonly spotWorkers: { readonly min: number; readonly max: number };
}

/** Size of one Airflow component. */
export interface Workload {
  readonly cpu: number;
  readonly memoryGb: number;
}

export interface OrchestrationSettings {
  /** Part of the environment's name: Composer generations cannot be changed in place. */
  readonly generation: number;
  readonly imageVersion: string;
  readonly size: "SMALL" | "MEDIUM" | "LARGE";
  readonly scheduler: Workload & { readonly count: number };
  readonly worker: Workload & { readonly min: number; readonly max: number };
  /** First day whose sales the schedule takes, yyyy-MM-dd; earlier ones are taken by a backfill. */
  readonly firstDay: string;
  /** Hour of the next day, 0 to 23 in UTC, at which a day is taken; late files are waited for. */
  readonly runHour: number;
  /** Hours that the daily run waits for the day's files to arrive, usually 12; after them it fails. */
  readonly arrivalWaitHours: number;
  /** Daily snapshots of the Airflow database. */
  readonly snapshots: boolean;
  readonly highResilience: boolean;
  /** Who may open the Airflow page: nobody else can. */
  readonly webAccess: readonly { readonly range: string; readonly description: string }[];
}

/** IAM principals, as `group:`, `user:` or `serviceAccount:` with an address. */
export interface AccessSettings {
  /** Read every table of the warehouse. */
  readonly analysts: readonly string[];
  /** Read the published tables and views alone. */
  readonly biReaders: readonly string[];
}

/** How people hear of runs; the chat's address and the mail server's login are a secret, see docs/platform/log-events.md. */
export interface NotificationSettings {
  readonly emails: readonly string[];
  /** IPv4 ranges of the mail and chat servers: nothing else outside is reached. */
  readonly channels: readonly string[];
  /** Hours after `orchestration.runHour` by which the tables of a day must be up to date. */
  readonly deadlineHours: number;
}

/** Cron expressions, read in `timeZone`. */
export interface OfficeHours {
  readonly open: string;
  readonly close: string;
  readonly timeZone: string;
}

/** `basic` watches what users notice, `enhanced` what the pipeline stands on too, `full` costs and the second region. */
export type MonitoringLevel = "basic" | "enhanced" | "full";

/** How the environment is watched, audited and bounded in cost. */
export interface OperationSettings {
  readonly monitoring: MonitoringLevel;
  /** Who is told of alerts and of the budget, at most five addresses. */
  readonly alertEmails: readonly string[];
  /** Part of a run's lines above which quarantined ones raise an alert; the job refuses more than 0.05. */
  readonly maximumQuarantineShare: number;
  /** Days that the audit log is kept, 1 to 3650. */
  readonly auditDays: number;
  /** Locking is for ever: the log's retention cannot be shortened any more, nor the log be deleted. */
  readonly auditLocked: boolean;
  /** Expected cost of a month, in whole units of the billing account's currency. */
  readonly monthlyBudget: number;
  /** Billing account that pays, as `012345-6789AB-CDEF01`; without it there is no budget. */
  readonly billingAccount?: string;
}

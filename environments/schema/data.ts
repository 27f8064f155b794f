import { z } from "zod";
import { generation, timeOfDay } from "./fields";

export const lake = z
  .strictObject({
    /** Days in which a replaced or deleted object can be restored. */
    noncurrentDays: z.int().min(1),
    /** Days in which even a deleted version can be restored. */
    softDeleteDays: z.int().min(7).max(90),
    /**
     * Days in which objects of the archive bucket can be neither changed nor deleted.
     * @default - the archive bucket keeps old versions instead
     */
    archiveRetentionDays: z.int().min(1).max(24_855).optional(),
    /** Locking is irreversible: nobody, not even the project's owner, can shorten the retention any more. */
    archiveLocked: z.boolean(),
    /**
     * Whether the buckets log each request into a bucket of its own, beside the audit log, which has the data accesses.
     * Cloud Storage writes it as a group of Google's, which organisations with domain-restricted sharing refuse.
     */
    accessLog: z.boolean(),
  })
  .refine(({ archiveLocked, archiveRetentionDays }) => !archiveLocked || archiveRetentionDays !== undefined, {
    path: ["archiveLocked"],
    error: "there is no retention to lock, set archiveRetentionDays",
  });

export const secrets = z.strictObject({
  /** Age at which the rotation DAG replaces a password. */
  rotationDays: z.int().min(1),
});

/** In the order in which cron numbers them. */
export const WEEKDAYS = [
  "sunday",
  "monday",
  "tuesday",
  "wednesday",
  "thursday",
  "friday",
  "saturday",
] as const;

export const database = z
  .strictObject({
    /** Part of the instance's name, which cannot be reused for a week after a delete. */
    generation,
    /** 1 or an even number. */
    cpus: z
      .int()
      .min(1)
      .max(96)
      .refine((cpus) => cpus === 1 || cpus % 2 === 0, "is not 1 or an even number"),
    /** 0.9 to 6.5 GB for each CPU, at least 3.75. */
    memoryGb: z.number().min(3.75).multipleOf(0.25),
    /** `REGIONAL` keeps a standby in a second zone. */
    availability: z.enum(["ZONAL", "REGIONAL"]),
    pointInTimeRecovery: z.boolean(),
    retainedBackups: z.int().min(1).max(365),
    /**
     * When the latest backup is restored into a throwaway instance, in UTC.
     * @default - only when an operator starts the drill
     */
    restoreDrill: z.strictObject({ weekday: z.enum(WEEKDAYS), time: timeOfDay }).optional(),
    /** At most 100 for each GB of memory. */
    maxConnections: z.int().min(25),
    /** Whether a read replica and the backups are in the recovery region. */
    crossRegion: z.boolean(),
  })
  .refine(({ cpus, memoryGb }) => memoryGb >= cpus * 0.9 && memoryGb <= cpus * 6.5, {
    path: ["memoryGb"],
    error: "is not 0.9 to 6.5 for each CPU",
  })
  .refine(({ availability, pointInTimeRecovery }) => availability === "ZONAL" || pointInTimeRecovery, {
    path: ["pointInTimeRecovery"],
    error: "a REGIONAL instance needs it",
  })
  .refine(({ maxConnections, memoryGb }) => maxConnections <= memoryGb * 100, {
    path: ["maxConnections"],
    error: "is more than 100 for each GB of memory",
  });

export const streaming = z.strictObject({
  /** Days that BigQuery keeps messages: a day that no run has taken until then shows what the tables hold. */
  messageDays: z.int().min(2).max(31),
});

export const warehouse = z.strictObject({
  /** How long BigQuery keeps deleted data, in whole days. */
  timeTravelHours: z.int().min(48).max(168).multipleOf(24),
  /** `PHYSICAL` bills compressed bytes and time travel, `LOGICAL` only uncompressed bytes. */
  storageBilling: z.enum(["PHYSICAL", "LOGICAL"]),
  /** Most that one query of the DAG may read; BigQuery refuses larger ones. */
  maximumGibBilled: z.int().min(1),
  /**
   * Days that quarantined lines are kept.
   * @default - for ever
   */
  quarantineDays: z.int().min(1).optional(),
  /** Copies the tables of figures into the recovery region after each run, without lines and personal data. */
  crossRegion: z.boolean(),
  /** Whether Knowledge Catalog has the tables, views, measures and words, with owners, origin and checks. */
  catalog: z.boolean(),
  /**
   * Scans of the published tables by Knowledge Catalog after each run: quality by the catalog's rules, and profiles.
   * `days`: age of the oldest rows of a partitioned table that they read.
   * @default - no scans
   */
  scans: z.strictObject({ days: z.int().min(1).max(400) }).optional(),
  /**
   * Memory of a BI Engine reservation.
   * @default - no reservation
   */
  biEngineGib: z.int().min(1).max(250).optional(),
  /**
   * Reserved slots.
   * @default - on-demand queries
   */
  slots: z
    .strictObject({ baseline: z.int().min(0).multipleOf(50), max: z.int().multipleOf(50) })
    .refine(({ baseline, max }) => max > baseline, { path: ["max"], error: "is not more than baseline" })
    .optional(),
});

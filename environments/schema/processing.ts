import { z } from "zod";
import { OUT_OF_ORDER, generation, inOrder, outsideRange } from "./fields";

/** Machine type of Compute Engine that Dataproc runs on: family, shape and size. */
const machineType = z
  .string()
  .regex(
    /^(e2|n1|n2|n2d|c2d|c3|c3d|n4|t2d)-(standard|highmem|highcpu)-(2|4|8|16|22|30|32|44|48|56|60|64|80|88|90|96|112|128|176|180|224|360)$/,
    "is not a known machine type, write for example n2-standard-4",
  );

export const processing = z
  .strictObject({
    masterType: machineType,
    workerType: machineType,
    /** Boot disk of each machine; besides the system it holds only shuffled data. */
    diskGb: z.int().min(30),
    /** Always the same number, at least 2: they hold HDFS, and removing one takes hours. */
    primaryWorkers: z.int().min(2),
    /** Most that the autoscaler adds; at rest there are none, because a cluster with some cannot be stopped. */
    spotWorkers: z.int().min(0),
    /** Whether the cluster always runs; if not, each run of the DAG starts it and stops it. */
    standing: z.boolean(),
  })
  .refine(({ primaryWorkers, spotWorkers }) => spotWorkers <= primaryWorkers, {
    path: ["spotWorkers"],
    error:
      "is more than primaryWorkers, and each spot machine that is taken away repeats its part of the work",
  });

export const orchestration = z
  .strictObject({
    /** Part of the environment's name: Composer generations cannot be changed in place. */
    generation,
    // The provider tells Composer's generations apart by this text alone, and an Airflow 3 image exists.
    imageVersion: z
      .string()
      .regex(/^composer-3-airflow-2\.\d+\.\d+(-build\.\d+)?$/, "is not composer-3-airflow-2.x.y"),
    size: z.enum(["SMALL", "MEDIUM", "LARGE"]),
    /** Composer 3 gives each scheduler 0.5 to 1 CPU. */
    scheduler: z.strictObject({
      count: z.int().min(1),
      cpu: z.number().min(0.5).max(1),
      memoryGb: z.number(),
    }),
    worker: z
      .strictObject({ min: z.int().min(1), max: z.int(), cpu: z.number(), memoryGb: z.number() })
      .refine(inOrder, OUT_OF_ORDER),
    /** First day whose sales the schedule processes, yyyy-MM-dd; a backfill processes earlier ones. */
    firstDay: z.iso.date("is not a day written yyyy-MM-dd"),
    /** Hour of the next day, in UTC, at which a day is processed. */
    runHour: z.int().min(0).max(23),
    /** Hours that the daily run waits for the day's files to arrive, usually 12; after them it fails. */
    arrivalWaitHours: z.int().min(1).max(23),
    /** Days in which files that come to a day after its run are taken by the next run, usually 14; 0: never. */
    lateFileDays: z.int().min(0).max(31),
    /**
     * Publish nothing where a day is unlike the same weekdays before it, instead of a warning.
     * @default false
     */
    holdUnusualDays: z.boolean().optional(),
    /** Daily snapshots of the Airflow database. */
    snapshots: z.boolean(),
    highResilience: z.boolean(),
    /** Networks from which the Airflow page can be opened. */
    webAccess: z
      .array(z.strictObject({ range: outsideRange, description: z.string() }))
      .min(1, "lists no network: nobody could open Airflow"),
  })
  .refine(
    ({ highResilience: high, scheduler, worker }) => !high || (scheduler.count >= 2 && worker.min >= 2),
    {
      path: ["highResilience"],
      error: "needs at least 2 schedulers and 2 workers",
    },
  );

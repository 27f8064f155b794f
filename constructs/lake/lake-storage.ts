import { StorageBucketIamMember } from "@cdktf/provider-google/lib/storage-bucket-iam-member";
import { StorageManagedFolder } from "@cdktf/provider-google/lib/storage-managed-folder";
import { StorageManagedFolderIamMember } from "@cdktf/provider-google/lib/storage-managed-folder-iam-member";
import { Construct } from "constructs";
import { LAKE_FOLDER } from "../../environments/naming";
import { KeySource } from "../encryption/keys";
import { isProtected } from "../foundation/protection";
import { Grantee } from "../identity/workload-identity";
import { deleteAfter, HardenedBucket, HardenedBucketProps, moveAfter } from "./hardened-bucket";

export interface LakeStorageProps {
  readonly environment: HardenedBucketProps["environment"];
  readonly keys: KeySource;
}

/**
 * Folder of Composer's snapshots. Not in the archive bucket, where the clean-up after a snapshot could delete nothing,
 * and not in Composer's own bucket, which is lost together with its region.
 */
export const SNAPSHOT_FOLDER = "composer_snapshots";

/**
 * Managed folders, by the bucket that holds them. Nothing writes `archives/yearly/` and `intermediate_results/`: the
 * platform's layout reserves them.
 */
const FOLDERS = {
  data: [
    "production_data/",
    "production_data/sales_data/",
    "production_data/reference_data/",
    "production_data/processed/",
    `${SNAPSHOT_FOLDER}/`,
  ],
  archive: ["archives/yearly/", "archives/monthly/", "archives/backup/"],
  staging: ["dataproc_staging/", "intermediate_results/", "job_logs/"],
} as const;

const NEARLINE_DAYS = 30;
const COLDLINE_DAYS = 90;
const COLD_ARCHIVE_DAYS = 365;
const SCRATCH_DAYS = 7;
/** As long as Dataproc keeps a temporary bucket of its own. */
const TEMP_DAYS = 90;
/** Lines of refused runs and event logs: longer than anybody's holiday. */
const REFUSED_DAYS = 30;
const EVENT_LOG_DAYS = 90;
const AIRFLOW_LOG_DAYS = 90;
const ACCESS_LOG_DAYS = 365;

/** Files of a write before its commit: Spark copies and deletes each, and in the lake the copies would be kept for months. */
const UNCOMMITTED = {
  action: { type: "Delete" },
  condition: {
    daysSinceNoncurrentTime: 1,
    withState: "ARCHIVED",
    matchesPrefix: ["_open/", "_stand_ins/", "_temporary/"].map((name) => `${LAKE_FOLDER}/processed/${name}`),
  },
};

type Folder = (typeof FOLDERS)[keyof typeof FOLDERS][number];

/** The buckets of the platform and their folders. */
export class LakeStorage extends Construct {
  /** The lake, the job's files and the sample data. */
  readonly data: HardenedBucket;
  readonly staging: HardenedBucket;
  readonly temp: HardenedBucket;
  readonly archive: HardenedBucket;
  /** Composer's bucket: one that Composer creates itself is left behind when the environment is deleted (pg#10418). */
  readonly composer: HardenedBucket;
  /** The report, which each run of the DAG writes again. */
  readonly report: HardenedBucket;
  private readonly folders = new Map<string, { folder: StorageManagedFolder; owner: HardenedBucket }>();

  constructor(scope: Construct, id: string, props: LakeStorageProps) {
    super(scope, id);
    const { environment, keys } = props;
    const common = { environment, keys };
    const cooling = [moveAfter(NEARLINE_DAYS, "NEARLINE"), moveAfter(COLDLINE_DAYS, "COLDLINE")];

    const logged = { ...common, accessLog: environment.lake.accessLog ? this.logAccess(common) : undefined };
    this.data = new HardenedBucket(this, "data", {
      ...logged,
      role: "data",
      lifecycleRule: [...cooling, UNCOMMITTED],
      secondRegion: true,
    });
    this.archive = new HardenedBucket(this, "archive", {
      ...logged,
      role: "archive",
      lifecycleRule: [...cooling, moveAfter(COLD_ARCHIVE_DAYS, "ARCHIVE")],
      retentionDays: environment.lake.archiveRetentionDays,
      secondRegion: true,
    });
    this.staging = new HardenedBucket(this, "staging", {
      ...logged,
      role: "staging",
      scratch: true,
      // Each rule names its folder. Dataproc keeps the configuration of a cluster here, below
      // google-cloud-dataproc-metainfo/: without it a node that starts later does not find its cluster.
      lifecycleRule: [
        deleteAfter(SCRATCH_DAYS, "intermediate_results/", "dataproc_staging/", ".spark-bigquery-"),
        deleteAfter(REFUSED_DAYS, "refused/"),
        deleteAfter(EVENT_LOG_DAYS, "job_logs/"),
      ],
    });
    this.temp = new HardenedBucket(this, "temp", {
      ...logged,
      role: "temp",
      scratch: true,
      lifecycleRule: [deleteAfter(TEMP_DAYS)],
    });
    this.composer = new HardenedBucket(this, "composer", {
      ...logged,
      role: "composer",
      lifecycleRule: [deleteAfter(AIRFLOW_LOG_DAYS, "logs/")],
    });
    this.report = new HardenedBucket(this, "report", { ...logged, role: "report", scratch: true });

    this.addFolders("data", this.data, isProtected(environment));
    this.addFolders("archive", this.archive, isProtected(environment));
    this.addFolders("staging", this.staging, isProtected(environment));
  }

  private logAccess(common: Pick<HardenedBucketProps, "environment" | "keys">): HardenedBucket {
    const log = new HardenedBucket(this, "access-log", {
      ...common,
      role: "access-log",
      lifecycleRule: [deleteAfter(ACCESS_LOG_DAYS)],
    });
    // Cloud Storage writes access logs as a member of this group.
    new StorageBucketIamMember(this, "access-log-writer", {
      bucket: log.bucket.name,
      role: "roles/storage.objectCreator",
      member: "group:cloud-storage-analytics@google.com",
    });
    return log;
  }

  /** Grants a role on the objects of one folder. */
  grantOnFolder(
    scope: Construct,
    id: string,
    name: Folder,
    grantee: Grantee,
    role: string,
  ): StorageManagedFolderIamMember {
    const found = this.folders.get(name);
    if (!found) throw new Error(`${name}: no such folder, see FOLDERS in constructs/lake/lake-storage.ts`);
    return new StorageManagedFolderIamMember(scope, id, {
      bucket: found.owner.bucket.name,
      managedFolder: found.folder.name,
      role,
      member: grantee.member,
    });
  }

  private addFolders(owner: keyof typeof FOLDERS, target: HardenedBucket, keep: boolean): void {
    for (const name of FOLDERS[owner]) {
      const id = `${owner}-${name.replaceAll("/", " ").trim().replaceAll(" ", "-").replaceAll("_", "-")}`;
      const folder = new StorageManagedFolder(this, id, {
        bucket: target.bucket.name,
        name,
        forceDestroy: !keep,
      });
      this.folders.set(name, { folder, owner: target });
    }
  }
}

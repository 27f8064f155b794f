import { StorageBucketIamMember } from "@cdktf/provider-google/lib/storage-bucket-iam-member";
import { StorageManagedFolder } from "@cdktf/provider-google/lib/storage-managed-folder";
import { Construct } from "constructs";
import { Environment } from "../../environments/environment";
import { deleteAfter, HardenedBucket, moveAfter } from "./hardened-bucket";
import { Keys } from "../encryption/keys";
import { isProtected } from "../foundation/protection";

export interface LakeStorageProps {
  readonly environment: Environment;
  readonly keys: Keys;
}

/**
 * Composer's snapshots. Not in the archive, whose write-once files would refuse the clean-up after a snapshot; and
 * not in Composer's own bucket, which is lost with the region that the snapshot is for.
 */
export const SNAPSHOT_FOLDER = "composer_snapshots";

/** Folders of the lake, by the bucket that holds them. */
export const FOLDERS = {
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
const SCRATCH_DAYS = 7;
const ACCESS_LOG_DAYS = 365;

/** The buckets of the platform and their folders. */
export class LakeStorage extends Construct {
  /** The lake, the job's files and the sample data. */
  readonly data: HardenedBucket;
  readonly staging: HardenedBucket;
  readonly temp: HardenedBucket;
  readonly archive: HardenedBucket;
  readonly accessLog: HardenedBucket;
  /** Composer's own: a bucket that Composer makes is left behind when it goes (pg#10418). */
  readonly composer: HardenedBucket;
  /** Managed folders by their path: a grant on one reaches nothing beside it. */
  readonly folders = new Map<string, StorageManagedFolder>();

  constructor(scope: Construct, id: string, props: LakeStorageProps) {
    super(scope, id);
    const { environment, keys } = props;
    const common = { environment, keys };
    const cooling = [moveAfter(NEARLINE_DAYS, "NEARLINE"), moveAfter(COLDLINE_DAYS, "COLDLINE")];

    this.accessLog = new HardenedBucket(this, "access-log", {
      ...common,
      role: "access-log",
      lifecycleRule: [deleteAfter(ACCESS_LOG_DAYS)],
    });
    const logged = { ...common, accessLog: this.accessLog };
    this.data = new HardenedBucket(this, "data", {
      ...logged,
      role: "data",
      lifecycleRule: cooling,
      secondRegion: true,
    });
    this.archive = new HardenedBucket(this, "archive", {
      ...logged,
      role: "archive",
      lifecycleRule: [...cooling, moveAfter(365, "ARCHIVE")],
      retentionDays: environment.lake.archiveRetentionDays,
      secondRegion: true,
    });
    this.staging = new HardenedBucket(this, "staging", {
      ...logged,
      role: "staging",
      lifecycleRule: [deleteAfter(SCRATCH_DAYS)],
    });
    this.temp = new HardenedBucket(this, "temp", {
      ...logged,
      role: "temp",
      lifecycleRule: [deleteAfter(SCRATCH_DAYS)],
    });
    this.composer = new HardenedBucket(this, "composer", { ...logged, role: "composer" });

    this.addFolders("data", this.data, isProtected(environment));
    this.addFolders("archive", this.archive, isProtected(environment));
    this.addFolders("staging", this.staging, isProtected(environment));

    // Cloud Storage writes access logs as this group.
    new StorageBucketIamMember(this, "access-log-writer", {
      bucket: this.accessLog.bucket.name,
      role: "roles/storage.objectCreator",
      member: "group:cloud-storage-analytics@google.com",
    });
  }

  private addFolders(owner: keyof typeof FOLDERS, target: HardenedBucket, keep: boolean): void {
    for (const name of FOLDERS[owner]) {
      const id = `${owner}-${name.replaceAll("/", " ").trim().replaceAll(" ", "-").replaceAll("_", "-")}`;
      this.folders.set(
        name,
        new StorageManagedFolder(this, id, { bucket: target.bucket.name, name, forceDestroy: !keep }),
      );
    }
  }
}

import { StorageBucket, StorageBucketLifecycleRule } from "@cdktf/provider-google/lib/storage-bucket";
import { Construct } from "constructs";
import { Environment } from "../../environments/environment";
import { KeySource } from "../encryption/keys";
import { bucketName } from "../../environments/naming";
import { isProtected } from "../foundation/protection";
import { dualRegion, dualRegionKeyLocation } from "../../environments/locations";

export const DAY_SECONDS = 86_400;

export interface HardenedBucketProps {
  readonly environment: Environment;
  readonly keys: KeySource;
  /** Last part of the bucket's name. */
  readonly role: string;
  /** Where its accesses are logged; only the log bucket has none. */
  readonly accessLog?: HardenedBucket;
  readonly lifecycleRule?: StorageBucketLifecycleRule[];
  /** Write-once days; excludes versioning. */
  readonly retentionDays?: number;
  /** Copied to the recovery region within 15 minutes, where the environment has one. */
  readonly secondRegion?: boolean;
}

/** Deletes objects of the standard class `days` after their creation. */
export function deleteAfter(days: number): StorageBucketLifecycleRule {
  return {
    action: { type: "Delete" },
    condition: { age: days, withState: "LIVE", matchesStorageClass: ["STANDARD"] },
  };
}

/** Moves objects to a cheaper class `days` after their creation. */
export function moveAfter(days: number, storageClass: string): StorageBucketLifecycleRule {
  return { action: { type: "SetStorageClass", storageClass }, condition: { age: days, withState: "LIVE" } };
}

/** The one way this platform makes a bucket: what differs is life cycle and place, never the hardening. */
export class HardenedBucket extends Construct {
  readonly bucket: StorageBucket;
  /** Known at synth, so that others can be told it before the bucket is there. */
  readonly bucketName: string;

  constructor(scope: Construct, id: string, props: HardenedBucketProps) {
    super(scope, id);
    const { environment, keys, retentionDays } = props;
    this.bucketName = bucketName(environment.projectId, props.role);
    const recovery = props.secondRegion === true ? environment.recoveryRegion : undefined;
    const location =
      recovery === undefined ? environment.region.toUpperCase() : dualRegion(environment.region);
    const key = keys.at(
      recovery === undefined ? location : dualRegionKeyLocation(environment.region),
      "storage",
    );

    this.bucket = new StorageBucket(this, "bucket", {
      name: this.bucketName,
      location,
      ...(recovery !== undefined && {
        customPlacementConfig: { dataLocations: [environment.region.toUpperCase(), recovery.toUpperCase()] },
        rpo: "ASYNC_TURBO",
      }),
      storageClass: "STANDARD",
      uniformBucketLevelAccess: true,
      publicAccessPrevention: "enforced",
      forceDestroy: !isProtected(environment),
      // A retention policy and versioning exclude each other.
      versioning: { enabled: retentionDays === undefined },
      ...(retentionDays !== undefined && {
        retentionPolicy: {
          retentionPeriod: retentionDays * DAY_SECONDS,
          isLocked: environment.lake.archiveLocked,
        },
      }),
      softDeletePolicy: { retentionDurationSeconds: environment.lake.softDeleteDays * DAY_SECONDS },
      lifecycleRule: [
        ...(props.lifecycleRule ?? []),
        {
          action: { type: "Delete" },
          condition: { daysSinceNoncurrentTime: environment.lake.noncurrentDays, withState: "ARCHIVED" },
        },
        { action: { type: "AbortIncompleteMultipartUpload" }, condition: { age: 7 } },
      ],
      ...(props.accessLog && {
        logging: { logBucket: props.accessLog.bucket.name, logObjectPrefix: props.role },
      }),
      ...(key && { encryption: { defaultKmsKeyName: key.id } }),
      dependsOn: key?.grants,
    });
  }
}

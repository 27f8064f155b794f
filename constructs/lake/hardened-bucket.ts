import { StorageBucket, StorageBucketLifecycleRule } from "@cdktf/provider-google/lib/storage-bucket";
import { StorageBucketIamMember } from "@cdktf/provider-google/lib/storage-bucket-iam-member";
import { Construct } from "constructs";
import { Environment } from "../../environments/environment";
import { dualRegion, dualRegionKeyLocation } from "../../environments/locations";
import { bucketName } from "../../environments/naming";
import { KeySource } from "../encryption/keys";
import { isProtected } from "../foundation/protection";
import { DAY_SECONDS } from "../foundation/time";
import { Grantee } from "../identity/workload-identity";

/** Days after which the parts of an upload that was never completed are deleted. */
const INCOMPLETE_UPLOAD_DAYS = 7;

export interface HardenedBucketProps {
  readonly environment: Pick<Environment, "projectId" | "region" | "recoveryRegion" | "protection" | "lake">;
  readonly keys: KeySource;
  /** Last part of the bucket's name. */
  readonly role: string;
  /**
   * Bucket that receives this bucket's access log.
   * @default - accesses are not logged
   */
  readonly accessLog?: HardenedBucket;
  /**
   * Rules beside the clean-up of old versions.
   * @default - live objects stay as they are
   */
  readonly lifecycleRule?: readonly StorageBucketLifecycleRule[];
  /**
   * Days for which an object can be neither changed nor deleted.
   * @default - the bucket is versioned instead
   */
  readonly retentionDays?: number;
  /**
   * Replicate to the recovery region within 15 minutes, in an environment that has one.
   * @default false
   */
  readonly secondRegion?: boolean;
  /**
   * Holds only objects that a run makes again: a deleted or replaced one is gone, and nobody pays for it any longer.
   * @default false
   */
  readonly scratch?: boolean;
}

/**
 * Deletes objects of the standard class `days` after their creation.
 *
 * @param prefixes - beginnings of the names; without any every object
 */
export function deleteAfter(days: number, ...prefixes: readonly string[]): StorageBucketLifecycleRule {
  return {
    action: { type: "Delete" },
    condition: {
      age: days,
      withState: "LIVE",
      matchesStorageClass: ["STANDARD"],
      ...(prefixes.length > 0 && { matchesPrefix: [...prefixes] }),
    },
  };
}

/** Moves objects to a cheaper class `days` after their creation. */
export function moveAfter(days: number, storageClass: string): StorageBucketLifecycleRule {
  return { action: { type: "SetStorageClass", storageClass }, condition: { age: days, withState: "LIVE" } };
}

/** Every bucket of the platform: buckets differ in life cycle and location, never in their hardening. */
export class HardenedBucket extends Construct {
  readonly bucket: StorageBucket;
  /** Known at synth, for users that must not wait for the bucket. */
  readonly bucketName: string;

  constructor(scope: Construct, id: string, props: HardenedBucketProps) {
    super(scope, id);
    const { environment, keys, retentionDays, scratch = false } = props;
    const versioned = retentionDays === undefined && !scratch;
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
      versioning: { enabled: versioned },
      ...(retentionDays !== undefined && {
        retentionPolicy: {
          retentionPeriod: retentionDays * DAY_SECONDS,
          isLocked: environment.lake.archiveLocked,
        },
      }),
      softDeletePolicy: {
        retentionDurationSeconds: scratch ? 0 : environment.lake.softDeleteDays * DAY_SECONDS,
      },
      lifecycleRule: [
        ...(props.lifecycleRule ?? []),
        {
          action: { type: "Delete" },
          condition: { daysSinceNoncurrentTime: environment.lake.noncurrentDays, withState: "ARCHIVED" },
        },
        { action: { type: "AbortIncompleteMultipartUpload" }, condition: { age: INCOMPLETE_UPLOAD_DAYS } },
      ],
      ...(props.accessLog && {
        logging: { logBucket: props.accessLog.bucket.name, logObjectPrefix: props.role },
      }),
      ...(key && { encryption: { defaultKmsKeyName: key.id } }),
      dependsOn: key?.usable,
    });
  }

  /** Grants a role on all objects of the bucket. */
  grant(scope: Construct, id: string, grantee: Grantee, role: string): StorageBucketIamMember {
    return new StorageBucketIamMember(scope, id, { bucket: this.bucket.name, role, member: grantee.member });
  }
}

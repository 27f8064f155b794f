import { join } from "node:path";
import { StorageBucketObject } from "@cdktf/provider-google/lib/storage-bucket-object";
import { AssetType, TerraformAsset } from "cdktf";
import { Construct } from "constructs";
import { ArtifactFiles, JOB_FILE } from "./artifact-files";
import { HardenedBucket } from "./bucket";
import { LakeStorage } from "./lake-storage";

/** Where the shipped files lie in the data bucket. */
export const BUNDLE = { job: JOB_FILE, dependencies: "pyspark-jobs/dependencies.zip" } as const;

/** The same packages for the DAGs, of which they use the PostgreSQL driver. */
const DAG_DEPENDENCIES = "dags/sales_platform/dependencies.zip";

export interface ArtifactsProps {
  readonly lake: LakeStorage;
  readonly files: ArtifactFiles;
}

/** The job, the DAG, the driver and the sample data as bucket objects; `dags/` goes to Composer's bucket. */
export class Artifacts extends Construct {
  /** Python modules beside the job, for Spark's `--py-files`. */
  readonly moduleUris: readonly string[];
  /** The tables' schemas, for Spark's `--files`. */
  readonly fileUris: readonly string[];
  /** PostgreSQL's JDBC driver. */
  readonly driverUri: string;
  readonly dependenciesUri: string;

  constructor(scope: Construct, id: string, props: ArtifactsProps) {
    super(scope, id);
    const { files, lake } = props;
    const uri = (name: string): string => `gs://${lake.data.bucketName}/${name}`;
    const driver = files.jars.find((jar) => jar.startsWith("jars/postgresql-"));
    if (driver === undefined) throw new Error("jars/jars.json: no PostgreSQL driver is marked to ship");

    for (const file of [...files.modules, ...files.samples, ...files.jars])
      this.ship(files, lake.data, file, file);
    const dependencies = this.ship(files, lake.data, files.dependencies, BUNDLE.dependencies);
    for (const file of files.dags) this.ship(files, lake.composer, file, file);
    new StorageBucketObject(this, "object-dag-dependencies", {
      bucket: lake.composer.bucket.name,
      name: DAG_DEPENDENCIES,
      source: dependencies.path,
    });

    this.moduleUris = files.modules.filter((file) => file.endsWith(".py") && file !== BUNDLE.job).map(uri);
    this.fileUris = files.modules.filter((file) => file.endsWith(".json")).map(uri);
    this.driverUri = uri(driver);
    this.dependenciesUri = uri(BUNDLE.dependencies);
  }

  private ship(files: ArtifactFiles, target: HardenedBucket, file: string, name: string): TerraformAsset {
    const asset = new TerraformAsset(this, `asset-${file}`.replaceAll("/", "-"), {
      path: join(files.root, file),
      type: AssetType.FILE,
      // In place of a content hash: the path is the same for every content, the object keeps its address, and the
      // provider's own MD5 comparison uploads a changed file in place (pg#10488, tc#762).
      assetHash: "file",
    });
    new StorageBucketObject(this, `object-${file}`.replaceAll("/", "-"), {
      bucket: target.bucket.name,
      name,
      source: asset.path,
    });
    return asset;
  }
}

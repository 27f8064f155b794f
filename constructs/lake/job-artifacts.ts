import { join } from "node:path";
import { StorageBucketObject } from "@cdktf/provider-google/lib/storage-bucket-object";
import { AssetType, TerraformAsset } from "cdktf";
import { Construct } from "constructs";
import { ArtifactFiles } from "./artifact-files";
import { HardenedBucket } from "./hardened-bucket";
import { LakeStorage } from "./lake-storage";

/** Objects in the data bucket that the job needs; these names never change, so Composer's variables do not either. */
const ARTIFACT_PATHS = {
  entry: "pyspark-jobs/sales_analytics_direct.py",
  databaseUtils: "pyspark-jobs/database_utils.py",
  jobArchive: "pyspark-jobs/sales_job.zip",
  dependencies: "pyspark-jobs/dependencies.zip",
} as const;

/** Files beside the DAGs: the catalog of tables, the PostgreSQL driver of the rotation, the template of the report. */
const DAG_ARTIFACT_PATHS = {
  jobArchive: "dags/sales_platform/sales_job.zip",
  dependencies: "dags/sales_platform/dependencies.zip",
  reportTemplate: "dags/sales_platform/report_template.html",
} as const;

/** Asset hash of every shipped file: a constant, so that a changed file keeps its path and its address (tc#762). */
const ASSET_HASH = "current";

export interface JobArtifactsProps {
  readonly lake: LakeStorage;
  readonly files: ArtifactFiles;
}

/** The job, the driver and the sample data as objects of the data bucket; the DAGs as objects of Composer's bucket. */
export class JobArtifacts extends Construct {
  /** Program that Dataproc starts. */
  readonly entryUri: string;
  /** Value of Spark's `--py-files`. */
  readonly pyFileUris: readonly string[];
  /** PostgreSQL's JDBC driver. */
  readonly driverUri: string;
  /** Python packages that the cluster's image lacks. */
  readonly dependenciesUri: string;

  constructor(scope: Construct, id: string, props: JobArtifactsProps) {
    super(scope, id);
    const { files, lake } = props;
    const uri = (name: string): string => `gs://${lake.data.bucketName}/${name}`;
    const driver = files.jars.find((jar) => jar.startsWith("jars/postgresql-"));
    if (driver === undefined)
      throw new Error(
        "jars/jars.json: no PostgreSQL driver has ship: true, set it on org.postgresql:postgresql",
      );

    const asset = (file: string): string =>
      new TerraformAsset(this, `asset-${file}`.replaceAll("/", "-"), {
        path: join(files.root, file),
        type: AssetType.FILE,
        assetHash: ASSET_HASH,
      }).path;
    for (const file of [...files.jobFiles, ...files.samples, ...files.jars])
      this.ship(`object-${file}`, lake.data, file, asset(file));
    for (const file of files.dags) this.ship(`object-${file}`, lake.composer, file, asset(file));
    const jobArchive = asset(files.jobArchive);
    this.ship("object-job-archive", lake.data, ARTIFACT_PATHS.jobArchive, jobArchive);
    this.ship("object-dag-job-archive", lake.composer, DAG_ARTIFACT_PATHS.jobArchive, jobArchive);
    const dependencies = asset(files.dependencies);
    this.ship(`object-${files.dependencies}`, lake.data, ARTIFACT_PATHS.dependencies, dependencies);
    this.ship("object-dag-dependencies", lake.composer, DAG_ARTIFACT_PATHS.dependencies, dependencies);
    const template = asset(files.reportTemplate);
    this.ship("object-dag-report-template", lake.composer, DAG_ARTIFACT_PATHS.reportTemplate, template);

    this.entryUri = uri(ARTIFACT_PATHS.entry);
    this.pyFileUris = [uri(ARTIFACT_PATHS.databaseUtils), uri(ARTIFACT_PATHS.jobArchive)];
    this.driverUri = uri(driver);
    this.dependenciesUri = uri(ARTIFACT_PATHS.dependencies);
  }

  /** The provider compares the file's MD5 with the object's and uploads a changed file in place (pg#10488). */
  private ship(id: string, target: HardenedBucket, name: string, source: string): void {
    new StorageBucketObject(this, id.replaceAll("/", "-"), { bucket: target.bucket.name, name, source });
  }
}

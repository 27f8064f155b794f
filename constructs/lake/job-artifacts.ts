import { StorageBucketObject } from "@cdktf/provider-google/lib/storage-bucket-object";
import { TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { ArtifactFiles, JOB_FILE } from "./artifact-files";
import { Assets } from "./assets";
import { HardenedBucket } from "./hardened-bucket";
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
  private readonly assets: Assets;

  constructor(scope: Construct, id: string, props: ArtifactsProps) {
    super(scope, id);
    const { files, lake } = props;
    this.assets = new Assets(TerraformStack.of(this), files.root);
    const uri = (name: string): string => `gs://${lake.data.bucketName}/${name}`;
    const driver = files.jars.find((jar) => jar.startsWith("jars/postgresql-"));
    if (driver === undefined) throw new Error("jars/jars.json: no PostgreSQL driver is marked to ship");

    for (const file of [...files.modules, ...files.samples, ...files.jars]) this.ship(lake.data, file, file);
    const dependencies = this.ship(lake.data, files.dependencies, BUNDLE.dependencies);
    for (const file of files.dags) this.ship(lake.composer, file, file);
    new StorageBucketObject(this, "object-dag-dependencies", {
      bucket: lake.composer.bucket.name,
      name: DAG_DEPENDENCIES,
      source: dependencies,
    });

    this.moduleUris = files.modules.filter((file) => file.endsWith(".py") && file !== BUNDLE.job).map(uri);
    this.fileUris = files.modules.filter((file) => file.endsWith(".json")).map(uri);
    this.driverUri = uri(driver);
    this.dependenciesUri = uri(BUNDLE.dependencies);
  }

  /** An object called `name`: its content is the file's, its path beside the plan is what this returns. */
  private ship(target: HardenedBucket, file: string, name: string): string {
    const source = this.assets.add(file);
    // The path is the same for every content, so the object keeps its address, and the provider's own MD5 comparison
    // uploads a changed file in place (pg#10488, tc#762).
    new StorageBucketObject(this, `object-${file}`.replaceAll("/", "-"), {
      bucket: target.bucket.name,
      name,
      source,
    });
    return source;
  }
}

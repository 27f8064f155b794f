import { StorageBucketObject } from "@cdktf/provider-google/lib/storage-bucket-object";
import { Construct } from "constructs";
import { HardenedBucket } from "../lake/hardened-bucket";
import { Database } from "./database";

/** Object in the data bucket; the job reads it there, see pyspark-jobs/sales_job/targets/dataproc.py. */
export const AUTHORITY_OBJECT = "pyspark-jobs/database-authority.pem";

export interface DatabaseAuthorityProps {
  readonly database: Database;
  readonly bucket: HardenedBucket;
}

/**
 * The certificate of the authority that signs the database's, as a file for the job: the job accepts no other server.
 * Each instance has an authority of its own, known once the instance exists. The DAGs read it from Cloud SQL's API.
 */
export class DatabaseAuthority extends Construct {
  constructor(scope: Construct, id: string, props: DatabaseAuthorityProps) {
    super(scope, id);
    const { database, bucket } = props;
    new StorageBucketObject(this, "certificate", {
      bucket: bucket.bucket.name,
      name: AUTHORITY_OBJECT,
      content: database.instance.serverCaCert.get(0).cert,
    });
  }
}

import { Environment } from "../../environments/environment";
import { Artifacts } from "../lake/job-artifacts";
import { ChannelsSecret } from "./notification-secret";
import { Database } from "../database/database";
import { Identities } from "../identity/identities";
import { LakeStorage } from "../lake/lake-storage";
import { Processing } from "../processing/spark-cluster";
import { DatabaseSecret } from "../database/database-secret";
import { Warehouse } from "../warehouse/warehouse";

/** The parts that the DAG works with. */
export interface PlatformParts {
  readonly environment: Environment;
  readonly lake: LakeStorage;
  readonly identities: Identities;
  readonly secret: DatabaseSecret;
  readonly channels: ChannelsSecret;
  readonly database: Database;
  readonly warehouse: Warehouse;
  readonly processing: Processing;
  readonly artifacts: Artifacts;
}

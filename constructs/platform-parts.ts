import { Environment } from "../environments/types";
import { Artifacts } from "./artifacts";
import { ChannelsSecret } from "./channels";
import { Database } from "./database";
import { Identities } from "./identities";
import { LakeStorage } from "./lake-storage";
import { Processing } from "./processing";
import { DatabaseSecret } from "./secrets";
import { Warehouse } from "./warehouse";

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

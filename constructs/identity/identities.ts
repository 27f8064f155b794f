import { Construct } from "constructs";
import { Environment } from "../../environments/environment";
import { WorkloadIdentity } from "./workload-identity";

/** Descriptions of the service accounts, by workload. */
const DESCRIPTIONS = {
  orchestrator: "Composer: runs the DAG, submits the job",
  processing: "Dataproc: reads the lake, writes the warehouse",
  ingest: "Delivers the day's files into the lake",
  operator: "Rotates the database password, drills the restore, starts and stops the database",
  caretaker: "Stops and starts the database by office hours",
} as const;

export interface IdentitiesProps {
  readonly environment: Pick<Environment, "name" | "projectId" | "officeHours">;
}

/**
 * One service account for each workload; constructs/access/platform-access.ts grants their roles. The deploy account is
 * in the bootstrap stack.
 */
export class Identities extends Construct {
  readonly orchestrator: WorkloadIdentity;
  readonly processing: WorkloadIdentity;
  readonly ingest: WorkloadIdentity;
  readonly operator: WorkloadIdentity;
  /** Only in an environment with office hours. */
  readonly caretaker: WorkloadIdentity | undefined;

  constructor(scope: Construct, id: string, props: IdentitiesProps) {
    super(scope, id);
    const { environment } = props;
    const create = (workload: keyof typeof DESCRIPTIONS): WorkloadIdentity =>
      new WorkloadIdentity(this, workload, { environment, description: DESCRIPTIONS[workload] });
    this.orchestrator = create("orchestrator");
    this.processing = create("processing");
    this.ingest = create("ingest");
    this.operator = create("operator");
    this.caretaker = environment.officeHours && create("caretaker");
  }
}

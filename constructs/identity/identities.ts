import { ServiceAccount } from "@cdktf/provider-google/lib/service-account";
import { Construct } from "constructs";
import { Environment } from "../../environments/environment";
import { accountEmail, resourceName } from "../../environments/naming";

/** One account for each workload, and what it is for. */
const ACCOUNTS = {
  orchestrator: "Composer: runs the DAG, submits the job",
  processing: "Dataproc: reads the lake, writes the warehouse",
  ingest: "Delivers the day's files into the lake",
  operator: "Rotates the database password, drills the restore, wakes what sleeps",
  caretaker: "Stops and starts database and cluster by office hours",
} as const;

export type Workload = keyof typeof ACCOUNTS;

export interface Identity {
  readonly account: ServiceAccount;
  /** Known at synth. */
  readonly email: string;
  /** As IAM writes it. */
  readonly member: string;
}

/** The service accounts; constructs/access/platform-access.ts says what each may do. The deploy account is bootstrap's. */
export class Identities extends Construct {
  readonly orchestrator: Identity;
  readonly processing: Identity;
  readonly ingest: Identity;
  readonly operator: Identity;
  /** Only where there are office hours. */
  readonly caretaker: Identity | undefined;

  constructor(scope: Construct, id: string, environment: Environment) {
    super(scope, id);
    const create = (workload: Workload): Identity => {
      const account = new ServiceAccount(this, workload, {
        accountId: resourceName(environment.name, workload, "serviceAccount"),
        displayName: `${workload} (${environment.name})`,
        description: ACCOUNTS[workload],
      });
      const email = accountEmail(environment.projectId, environment.name, workload);
      // The account's attributes, not the known name: whoever uses the identity waits for it to exist.
      return { account, email, member: account.member };
    };
    this.orchestrator = create("orchestrator");
    this.processing = create("processing");
    this.ingest = create("ingest");
    this.operator = create("operator");
    this.caretaker = environment.officeHours && create("caretaker");
  }
}

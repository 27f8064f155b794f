import { Environment } from "../../environments/environment";
import { accountEmail } from "../../environments/naming";
import { WorkloadIdentity } from "./workload-identity";

/** Descriptions of the service accounts, by workload. */
export const WORKLOADS = {
  orchestrator: "Composer: runs the DAG, submits the job",
  processing: "Dataproc: reads the lake, writes the warehouse",
  ingest: "Delivers the day's files into the lake",
  operator: "Rotates the database password, drills the restore, starts and stops the database",
  caretaker: "Stops and starts the database by office hours",
} as const;

export type Workload = keyof typeof WORKLOADS;

type Owner = Pick<Environment, "name" | "projectId" | "officeHours">;

/** The accounts of an environment; the caretaker exists only where there are office hours. */
export type Identities = Readonly<Record<Exclude<Workload, "caretaker">, WorkloadIdentity>> & {
  readonly caretaker?: WorkloadIdentity;
};

/** Workloads that have an account in this environment. */
export function workloadsOf({ officeHours }: Pick<Owner, "officeHours">): Workload[] {
  return (Object.keys(WORKLOADS) as Workload[]).filter(
    (one) => one !== "caretaker" || officeHours !== undefined,
  );
}

/**
 * One service account for each workload. Bootstrap creates them with their rights on one another
 * (constructs/bootstrap/workload-accounts.ts); constructs/access/platform-access.ts grants their other roles.
 */
export function identitiesOf(environment: Owner): Identities {
  const { name, projectId } = environment;
  const all = workloadsOf(environment).map((workload) => {
    const email = accountEmail(projectId, name, workload);
    return [workload, { email, member: `serviceAccount:${email}` }] as const;
  });
  return Object.fromEntries(all) as unknown as Identities;
}

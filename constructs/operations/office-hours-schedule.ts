import { CloudSchedulerJob } from "@cdktf/provider-google/lib/cloud-scheduler-job";
import { Construct } from "constructs";
import { Environment, OfficeHours } from "../../environments/environment";
import { resourceName } from "../../environments/naming";
import { startAndStop } from "../../environments/office-hours";
import { Database } from "../database/database";
import { Identities } from "../identity/identities";

export interface OfficeHoursScheduleProps {
  readonly environment: Pick<Environment, "name" | "projectId" | "region">;
  readonly hours: OfficeHours;
  readonly identities: Identities;
  readonly database: Pick<Database, "instanceName">;
}

/** One scheduled request to Cloud SQL. */
interface Call {
  readonly role: string;
  readonly schedule: string;
  readonly activationPolicy: "ALWAYS" | "NEVER";
}

/**
 * Starts and stops the database by office hours. It uses only the database's name, so it does not wait for it. The DAG
 * starts and stops the cluster, which would let jobs fail that run while a schedule stops it.
 */
export class OfficeHoursSchedule extends Construct {
  constructor(scope: Construct, id: string, props: OfficeHoursScheduleProps) {
    super(scope, id);
    const { start, stop } = startAndStop(props.hours);
    const calls: readonly Call[] = [
      { role: "open-database", schedule: start, activationPolicy: "ALWAYS" },
      { role: "close-database", schedule: stop, activationPolicy: "NEVER" },
    ];
    for (const call of calls) this.schedule(props, call);
  }

  private schedule(
    { environment, hours, identities, database }: OfficeHoursScheduleProps,
    { role, schedule, activationPolicy }: Call,
  ): void {
    if (!identities.caretaker)
      throw new Error(
        "office hours need the caretaker account: pass Identities of an environment with office hours",
      );
    new CloudSchedulerJob(this, role, {
      name: resourceName(environment.name, role),
      region: environment.region,
      schedule,
      timeZone: hours.timeZone,
      attemptDeadline: "180s",
      // Cloud SQL refuses a change while another one, such as a backup, goes on: five tries in about half an hour.
      retryConfig: { retryCount: 5, minBackoffDuration: "120s", maxBackoffDuration: "600s" },
      httpTarget: {
        httpMethod: "PATCH",
        uri: `https://sqladmin.googleapis.com/v1/projects/${environment.projectId}/instances/${database.instanceName}`,
        headers: { "Content-Type": "application/json" },
        body: Buffer.from(JSON.stringify({ settings: { activationPolicy } })).toString("base64"),
        oauthToken: {
          serviceAccountEmail: identities.caretaker.email,
          scope: "https://www.googleapis.com/auth/cloud-platform",
        },
      },
    });
  }
}

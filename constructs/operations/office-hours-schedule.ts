import { CloudSchedulerJob } from "@cdktf/provider-google/lib/cloud-scheduler-job";
import { Construct } from "constructs";
import { Environment, OfficeHours } from "../../environments/environment";
import { resourceName } from "../../environments/naming";
import { startAndStop } from "../../environments/office-hours";
import { Database } from "../database/database";
import { Identities } from "../identity/identities";
import { SparkCluster } from "../processing/spark-cluster";

export interface OfficeHoursScheduleProps {
  readonly environment: Pick<Environment, "name" | "projectId" | "region">;
  readonly hours: OfficeHours;
  readonly identities: Identities;
  readonly database: Pick<Database, "instanceName">;
  readonly cluster: Pick<SparkCluster, "clusterName">;
}

/** One scheduled request to a Google API. */
interface Call {
  readonly role: string;
  readonly schedule: string;
  readonly httpMethod: "POST" | "PATCH";
  readonly uri: string;
  readonly body: object;
}

/** Starts and stops database and cluster by office hours. It uses only their names, so it waits for neither. */
export class OfficeHoursSchedule extends Construct {
  constructor(scope: Construct, id: string, props: OfficeHoursScheduleProps) {
    super(scope, id);
    const { environment, database } = props;
    const { start, stop } = startAndStop(props.hours);
    const project = `projects/${environment.projectId}`;
    const clusterUri = `https://dataproc.googleapis.com/v1/${project}/regions/${environment.region}/clusters/${props.cluster.clusterName}`;
    const instanceUri = `https://sqladmin.googleapis.com/v1/${project}/instances/${database.instanceName}`;
    const activation = (activationPolicy: string): object => ({ settings: { activationPolicy } });

    const calls: readonly Call[] = [
      {
        role: "open-database",
        schedule: start,
        httpMethod: "PATCH",
        uri: instanceUri,
        body: activation("ALWAYS"),
      },
      {
        role: "open-cluster",
        schedule: start,
        httpMethod: "POST",
        uri: `${clusterUri}:start`,
        body: {},
      },
      {
        role: "close-cluster",
        schedule: stop,
        httpMethod: "POST",
        uri: `${clusterUri}:stop`,
        body: {},
      },
      {
        role: "close-database",
        schedule: stop,
        httpMethod: "PATCH",
        uri: instanceUri,
        body: activation("NEVER"),
      },
    ];
    for (const call of calls) this.schedule(props, call);
  }

  private schedule({ environment, hours, identities }: OfficeHoursScheduleProps, call: Call): void {
    if (!identities.caretaker)
      throw new Error(
        "office hours need the caretaker account: pass Identities of an environment with office hours",
      );
    new CloudSchedulerJob(this, call.role, {
      name: resourceName(environment.name, call.role),
      region: environment.region,
      schedule: call.schedule,
      timeZone: hours.timeZone,
      attemptDeadline: "180s",
      retryConfig: { retryCount: 3 },
      httpTarget: {
        httpMethod: call.httpMethod,
        uri: call.uri,
        headers: { "Content-Type": "application/json" },
        body: Buffer.from(JSON.stringify(call.body)).toString("base64"),
        oauthToken: {
          serviceAccountEmail: identities.caretaker.account.email,
          scope: "https://www.googleapis.com/auth/cloud-platform",
        },
      },
    });
  }
}

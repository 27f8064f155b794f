import { CloudSchedulerJob } from "@cdktf/provider-google/lib/cloud-scheduler-job";
import { Construct } from "constructs";
import { Environment, OfficeHours } from "../../environments/environment";
import { Database } from "../database/database";
import { Identities } from "../identity/identities";
import { resourceName } from "../../environments/naming";
import { Processing } from "../processing/spark-cluster";

export interface SavingsProps {
  readonly environment: Environment;
  readonly hours: OfficeHours;
  readonly identities: Identities;
  readonly database: Database;
  readonly processing: Processing;
}

interface Call {
  readonly role: string;
  readonly schedule: string;
  readonly httpMethod: "POST" | "PATCH";
  readonly uri: string;
  readonly body: object;
}

/** Runs database and cluster in office hours only. The names are known, so the schedules wait for neither. */
export class Savings extends Construct {
  constructor(scope: Construct, id: string, props: SavingsProps) {
    super(scope, id);
    const { environment, hours, database, processing } = props;
    const project = `projects/${environment.projectId}`;
    const cluster = `https://dataproc.googleapis.com/v1/${project}/regions/${environment.region}/clusters/${processing.clusterName}`;
    const instance = `https://sqladmin.googleapis.com/v1/${project}/instances/${database.instanceName}`;
    const activation = (activationPolicy: string): object => ({ settings: { activationPolicy } });

    const calls: readonly Call[] = [
      {
        role: "open-database",
        schedule: hours.open,
        httpMethod: "PATCH",
        uri: instance,
        body: activation("ALWAYS"),
      },
      { role: "open-cluster", schedule: hours.open, httpMethod: "POST", uri: `${cluster}:start`, body: {} },
      { role: "close-cluster", schedule: hours.close, httpMethod: "POST", uri: `${cluster}:stop`, body: {} },
      {
        role: "close-database",
        schedule: hours.close,
        httpMethod: "PATCH",
        uri: instance,
        body: activation("NEVER"),
      },
    ];
    for (const call of calls) this.schedule(props, call);
  }

  private schedule({ environment, hours, identities }: SavingsProps, call: Call): void {
    if (!identities.caretaker) throw new Error("office hours need the caretaker account");
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

import { ComposerEnvironment } from "@cdktf/provider-google/lib/composer-environment";
import { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { Environment } from "../../environments/environment";
import { MAINTENANCE } from "../../environments/maintenance";
import { resourceName } from "../../environments/naming";
import { KeySource } from "../encryption/keys";
import { Identities } from "../identity/identities";
import { LakeStorage, SNAPSHOT_FOLDER } from "../lake/lake-storage";
import { Network } from "../network/network";
import { airflowConnections } from "./airflow-connections";

type ComposedEnvironment = Pick<Environment, "name" | "projectId" | "region" | "network" | "orchestration">;

export interface ComposerProps {
  readonly environment: ComposedEnvironment;
  readonly network: Network;
  readonly lake: LakeStorage;
  readonly identities: Identities;
  readonly keys: KeySource;
  /** Environment variables of the DAGs, see constructs/orchestration/dag-settings.ts. */
  readonly dagSettings: Readonly<Record<string, string>>;
  /** Grants and routes that must exist before the environment starts. */
  readonly after: ITerraformDependable[];
}

/** Any Saturday; the recurrence counts from it. */
const SATURDAY = "2026-01-03";
const MAINTENANCE_WINDOW = {
  startTime: `${SATURDAY}T${MAINTENANCE.from}:00:00Z`,
  endTime: `${SATURDAY}T${MAINTENANCE.to}:00:00Z`,
  recurrence: "FREQ=WEEKLY;BYDAY=SA,SU",
};

/** Composer 3: Airflow in a project of Google's, attached to the public subnet. */
export class Composer extends Construct {
  readonly composer: ComposerEnvironment;
  /** Known at synth. */
  readonly environmentName: string;

  constructor(scope: Construct, id: string, props: ComposerProps) {
    super(scope, id);
    const { environment, network, lake, identities, keys } = props;
    const settings = environment.orchestration;
    const key = keys.at(
      environment.region,
      "artifactRegistry",
      "composer",
      "compute",
      "container",
      "pubsub",
      "storage",
    );
    // Composer cannot be upgraded to another generation in place (cal-itp/data-infra#4706).
    this.environmentName = resourceName(environment.name, `composer-g${settings.generation}`, "composer");

    this.composer = new ComposerEnvironment(this, "environment", {
      name: this.environmentName,
      region: environment.region,
      // The platform's own bucket: its name is known at synth, and it is deleted with the stack (pg#10418, pg#3559).
      storageConfig: { bucket: lake.composer.bucket.name },
      config: {
        environmentSize: `ENVIRONMENT_SIZE_${settings.size}`,
        resilienceMode: settings.highResilience ? "HIGH_RESILIENCE" : "STANDARD_RESILIENCE",
        enablePrivateEnvironment: true,
        enablePrivateBuildsOnly: true,
        nodeConfig: {
          // Network and subnetwork belong together; Composer creates the attachment itself (pg#24145).
          network: network.vpc.id,
          subnetwork: network.publicSubnet.id,
          composerInternalIpv4CidrBlock: environment.network.composerInternal,
          // Required for a new environment (pg#22770).
          serviceAccount: identities.orchestrator.email,
        },
        softwareConfig: {
          imageVersion: settings.imageVersion,
          // No pypi_packages: a failed build leaves an environment that cannot be deleted (pg#11711).
          envVariables: { ...props.dagSettings, ...airflowConnections(environment) },
          airflowConfigOverrides: {
            "core-dags_are_paused_at_creation": "False",
            "webserver-expose_config": "False",
          },
          webServerPluginsMode: "DISABLED",
          cloudDataLineageIntegration: { enabled: true },
        },
        workloadsConfig: this.workloads(environment),
        maintenanceWindow: MAINTENANCE_WINDOW,
        recoveryConfig: {
          scheduledSnapshotsConfig: {
            enabled: settings.snapshots,
            ...(settings.snapshots && {
              snapshotLocation: `gs://${lake.data.bucketName}/${SNAPSHOT_FOLDER}`,
              snapshotCreationSchedule: "0 4 * * *",
              timeZone: "UTC",
            }),
          },
        },
        webServerNetworkAccessControl: {
          allowedIpRange: settings.webAccess.map(({ range, description }) => ({ value: range, description })),
        },
        dataRetentionConfig: {
          airflowMetadataRetentionConfig: [{ retentionMode: "RETENTION_MODE_ENABLED", retentionDays: 60 }],
        },
        ...(key && { encryptionConfig: { kmsKeyName: key.id } }),
      },
      // A creation takes about 25 minutes; a delete sometimes takes longer than the provider's 30.
      timeouts: { create: "120m", update: "120m", delete: "60m" },
      dependsOn: [...props.after, ...(key?.usable ?? [])],
    });
  }

  private workloads(environment: ComposedEnvironment) {
    const { scheduler, worker, highResilience } = environment.orchestration;
    return {
      scheduler: { count: scheduler.count, cpu: scheduler.cpu, memoryGb: scheduler.memoryGb, storageGb: 1 },
      // High resilience requires two of each.
      triggerer: { count: highResilience ? 2 : 1, cpu: 0.5, memoryGb: 1 },
      dagProcessor: { count: highResilience ? 2 : 1, cpu: 1, memoryGb: 4, storageGb: 1 },
      webServer: { cpu: 1, memoryGb: 4, storageGb: 1 },
      worker: {
        cpu: worker.cpu,
        memoryGb: worker.memoryGb,
        storageGb: 10,
        minCount: worker.min,
        maxCount: worker.max,
      },
    };
  }
}

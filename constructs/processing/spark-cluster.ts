import { DataprocAutoscalingPolicy } from "@cdktf/provider-google/lib/dataproc-autoscaling-policy";
import { DataprocCluster } from "@cdktf/provider-google/lib/dataproc-cluster";
import { StorageBucketObject } from "@cdktf/provider-google/lib/storage-bucket-object";
import { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { Environment } from "../../environments/environment";
import { resourceName } from "../../environments/naming";
import { KeySource } from "../encryption/keys";
import { Identities } from "../identity/identities";
import { LakeStorage } from "../lake/lake-storage";
import { Network } from "../network/network";
import { sparkProperties } from "./spark-properties";

/**
 * Spark 3.5 and Python 3.11, with the BigQuery and Cloud Storage connectors. The full version: `2.3-debian12` means
 * another image every few weeks, also for a cluster that is recreated in an incident.
 */
const DATAPROC_IMAGE = "2.3.34-debian12";
/** Version of the image's BigQuery connector: a jar of our own would clash with it (spark-bigquery-connector#949). */
const BIGQUERY_CONNECTOR_VERSION = "0.42.3";

export interface SparkClusterProps {
  readonly environment: Pick<Environment, "name" | "region" | "processing">;
  readonly network: Network;
  readonly lake: LakeStorage;
  readonly identities: Identities;
  readonly keys: KeySource;
  /** Grants and routes that must exist before the nodes start. */
  readonly after: ITerraformDependable[];
}

/** Dataproc cluster. It keeps no data of its own, so that recreating it costs minutes and nothing else. */
export class SparkCluster extends Construct {
  readonly cluster: DataprocCluster;
  /** Known at synth. */
  readonly clusterName: string;

  constructor(scope: Construct, id: string, props: SparkClusterProps) {
    super(scope, id);
    const { environment, network, lake, identities, keys } = props;
    const settings = environment.processing;
    this.clusterName = resourceName(environment.name, "spark", "cluster");
    const policy = this.autoscaling(props);
    const logs = this.logDirectory(lake);
    const key = keys.at(environment.region, "compute", "dataproc");
    const bootDisk = { bootDiskType: "pd-balanced", bootDiskSizeGb: settings.diskGb };

    this.cluster = new DataprocCluster(this, "cluster", {
      name: this.clusterName,
      region: environment.region,
      gracefulDecommissionTimeout: "1800s",
      clusterConfig: {
        // Dataproc's automatic buckets are shared with other clusters and left behind (pg#16492).
        stagingBucket: lake.staging.bucket.name,
        tempBucket: lake.temp.bucket.name,
        gceClusterConfig: {
          subnetwork: network.privateSubnet.selfLink,
          serviceAccount: identities.processing.email,
          serviceAccountScopes: ["https://www.googleapis.com/auth/cloud-platform"],
          // The provider and the image have different defaults (pg#17436).
          internalIpOnly: true,
          shieldedInstanceConfig: {
            enableSecureBoot: true,
            enableVtpm: true,
            enableIntegrityMonitoring: true,
          },
          metadata: {
            SPARK_BQ_CONNECTOR_VERSION: BIGQUERY_CONNECTOR_VERSION,
            "block-project-ssh-keys": "true",
            "enable-oslogin": "true",
          },
        },
        masterConfig: { numInstances: 1, machineType: settings.masterType, diskConfig: bootDisk },
        workerConfig: {
          numInstances: settings.primaryWorkers,
          machineType: settings.workerType,
          diskConfig: bootDisk,
        },
        // Secondary workers; they have the machine type of the primary ones (pg#4944).
        preemptibleWorkerConfig: {
          numInstances: 0,
          preemptibility: "SPOT",
          diskConfig: bootDisk,
        },
        softwareConfig: {
          imageVersion: DATAPROC_IMAGE,
          // `properties` is computed and would differ in every plan; `overrideProperties` holds these settings alone.
          overrideProperties: sparkProperties(logs.directory),
        },
        autoscalingConfig: { policyUri: policy.id },
        endpointConfig: { enableHttpPortAccess: true },
        ...(key && { encryptionConfig: { kmsKeyName: key.id } }),
      },
      lifecycle: {
        // The autoscaler changes these; CDKTF passes the paths on verbatim (tc#1848, pg#7882). The service answers an empty
        // secondary group without disk and preemptibility, and each of them would replace the cluster.
        ignoreChanges: [
          "cluster_config[0].worker_config[0].num_instances",
          "cluster_config[0].preemptible_worker_config",
        ],
      },
      timeouts: { create: "45m", update: "45m", delete: "45m" },
      dependsOn: [...props.after, ...(key?.usable ?? []), logs.marker],
    });
  }

  private autoscaling({ environment }: SparkClusterProps): DataprocAutoscalingPolicy {
    const { primaryWorkers, spotWorkers } = environment.processing;
    return new DataprocAutoscalingPolicy(this, "autoscaling", {
      policyId: resourceName(environment.name, "autoscaling"),
      location: environment.region,
      // Primary workers hold HDFS: taking one out of service copies its blocks first, for hours.
      workerConfig: { minInstances: primaryWorkers, maxInstances: primaryWorkers, weight: 1 },
      secondaryWorkerConfig: { minInstances: 0, maxInstances: spotWorkers, weight: 1 },
      basicAlgorithm: {
        cooldownPeriod: "120s",
        yarnConfig: {
          // As long as the longest stage of a daily run, so that a leaving node can finish its tasks.
          gracefulDecommissionTimeout: "600s",
          // Spark asks for executors in steps that double, far beyond what a job of minutes needs: a tenth of it is added.
          // What is idle leaves at once, so that the cluster can be stopped.
          scaleUpFactor: 0.1,
          scaleDownFactor: 1,
          scaleUpMinWorkerFraction: 0,
          scaleDownMinWorkerFraction: 0,
        },
      },
    });
  }

  /** Spark does not start without its log directory, and on Cloud Storage a directory needs an object. */
  private logDirectory(lake: LakeStorage): { directory: string; marker: StorageBucketObject } {
    const folder = "job_logs/spark-events";
    const marker = new StorageBucketObject(this, "history-directory", {
      bucket: lake.staging.bucket.name,
      // Spark's history server ignores names that begin with a dot.
      name: `${folder}/.keep`,
      content: "keeps the directory",
      // The bucket's life cycle deletes objects of the standard class only.
      storageClass: "NEARLINE",
    });
    return { directory: `gs://${lake.staging.bucketName}/${folder}/`, marker };
  }
}

import { environments } from "../../../environments";
import { Environment } from "../../../environments/environment";
import { at } from "../support/fixture";
import { synthesize } from "../support/synthesize";
import { synthesizedStacks } from "../support/synthesized-stacks";

const { plan } = synthesizedStacks();

describe.each(environments)("cluster of $name", ({ name, stage, processing }) => {
  const stack = plan(name);
  const cluster = stack.only("google_dataproc_cluster");
  const config = (path: string): unknown => at(cluster, `cluster_config.${path}`);
  const properties = config("software_config.override_properties") as Record<string, string>;

  test("is private, shielded, on its own account and in its own buckets (pg#17436, pg#16492)", () => {
    expect(config("gce_cluster_config")).toMatchObject({
      internal_ip_only: true,
      service_account: expect.stringContaining("-processing@") as string,
      subnetwork: expect.stringContaining("private-subnet") as string,
      shielded_instance_config: {
        enable_secure_boot: true,
        enable_vtpm: true,
        enable_integrity_monitoring: true,
      },
    });
    expect(config("staging_bucket")).toContain("lake_staging");
    expect(config("temp_bucket")).toContain("lake_temp");
    expect(config("endpoint_config.enable_http_port_access")).toBe(true);
  });

  test("is one master, primary workers and spot workers that the autoscaler counts (pg#4944, pg#7882)", () => {
    expect(config("software_config.image_version")).toMatch(/^2\.3\.\d+-debian12$/);
    expect(config("master_config.num_instances")).toBe(1);
    expect(config("worker_config.num_instances")).toBe(processing.primaryWorkers);
    expect(config("preemptible_worker_config")).toMatchObject({
      preemptibility: "SPOT",
      num_instances: 0,
    });
    expect(config("preemptible_worker_config.machine_type")).toBeUndefined();
    expect(config("autoscaling_config.policy_uri")).toContain("google_dataproc_autoscaling_policy");
    expect(at(cluster, "lifecycle.ignore_changes")).toEqual([
      "cluster_config[0].worker_config[0].num_instances",
      "cluster_config[0].preemptible_worker_config",
    ]);
    expect(stack.only("google_dataproc_autoscaling_policy")).toMatchObject({
      worker_config: { min_instances: processing.primaryWorkers, max_instances: processing.primaryWorkers },
      secondary_worker_config: { min_instances: 0, max_instances: processing.spotWorkers },
      basic_algorithm: { yarn_config: { scale_up_factor: 0.1, scale_down_factor: 1 } },
    });
  });

  // By hand: machines at rest and at most, their processors, and their SSD in GB. A new project has 24 processors of a family
  // and 500 GB of SSD in a region, a trial 8 and 250.
  const SIZES: Readonly<Record<string, [cpus: [number, number], ssd: [number, number]]>> = {
    development: [
      [6, 8],
      [180, 240],
    ],
    staging: [
      [12, 20],
      [300, 500],
    ],
    production: [
      [24, 40],
      [300, 500],
    ],
  };
  test("asks for what a new project grants, dev for what a trial grants", () => {
    const cpus = (type: string): number => Number(type.split("-")[2]);
    const { masterType, workerType, diskGb, primaryWorkers, spotWorkers } = processing;
    const most = primaryWorkers + spotWorkers;
    expect([
      [primaryWorkers, most].map((workers) => cpus(masterType) + workers * cpus(workerType)),
      [primaryWorkers, most].map((workers) => (1 + workers) * diskGb),
    ]).toEqual(SIZES[stage]);
    for (const group of ["master_config", "worker_config"])
      expect(config(`${group}.disk_config`)).toEqual({
        boot_disk_type: "pd-balanced",
        boot_disk_size_gb: diskGb,
      });
  });

  test("pins the image's BigQuery connector and ships none (spark-bigquery-connector#949)", () => {
    expect(config("gce_cluster_config.metadata.SPARK_BQ_CONNECTOR_VERSION")).toMatch(/^\d+\.\d+\.\d+$/);
    expect(Object.values(properties).join()).not.toContain("bigquery-connector");
  });

  test("is tuned, traced, and logs where it outlives itself", () => {
    expect(properties).toMatchObject({
      "spark:spark.sql.adaptive.enabled": "true",
      "spark:spark.dynamicAllocation.enabled": "true",
      "dataproc:dataproc.lineage.enabled": "true",
      "dataproc:dataproc.logging.syslog.enabled": "false",
      "dataproc:diagnostic.capture.enabled": "false",
      "spark:spark.eventLog.dir": expect.stringMatching(/-staging\/job_logs\/spark-events\/$/) as string,
    });
    // What was measured on one machine pays off here too; a rename on Cloud Storage is a copy, so tasks move their own files.
    expect(properties).toMatchObject({
      "spark:spark.sql.maxConcurrentOutputFileWriters": "200",
      "spark:spark.sql.codegen.aggregate.map.twolevel.enabled": "false",
      "spark:spark.sql.optimizer.excludedRules":
        "org.apache.spark.sql.catalyst.optimizer.PushProjectionThroughUnion",
      "spark:spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version": "2",
      "spark:spark.executor.defaultJavaOptions": "-XX:-DontCompileHugeMethods",
    });
    // The image sets this one, and a value of ours would replace its.
    expect(properties).not.toHaveProperty(["spark:spark.executor.extraJavaOptions"]);
    // `properties` is computed: what is set there differs in every plan.
    expect(config("software_config.properties")).toBeUndefined();
  });
});

describe.each(environments)("Composer of $name", ({ name, orchestration }) => {
  const composer = plan(name).only("google_composer_environment");
  const config = (path: string): unknown => at(composer, `config.${path}`);

  test("is Composer 3 with Airflow 2.11, named by its generation (data-infra#4706)", () => {
    expect(config("software_config.image_version")).toBe("composer-3-airflow-2.11.1");
    expect(composer.name).toBe(`sales-${name}-composer-g${orchestration.generation}`);
  });

  test("is private, on its own account and in its own bucket (pg#22770, pg#10418)", () => {
    expect(config("enable_private_environment")).toBe(true);
    expect(config("node_config")).toMatchObject({
      network: expect.stringContaining("network_vpc") as string,
      subnetwork: expect.stringContaining("public-subnet") as string,
      service_account: expect.stringContaining("-orchestrator@") as string,
    });
    // Fields of Composer 2, which 3 refuses.
    expect(config("private_environment_config")).toBeUndefined();
    expect(config("node_config.ip_allocation_policy")).toBeUndefined();
    expect(at(composer, "storage_config.bucket")).toContain("lake_composer_bucket");
  });

  test("installs nothing from PyPI (pg#11711)", () => {
    expect(config("software_config.pypi_packages")).toBeUndefined();
  });

  test("is sized by the environment and kept as it says", () => {
    expect(config("workloads_config.worker")).toMatchObject({
      min_count: orchestration.worker.min,
      max_count: orchestration.worker.max,
    });
    expect(config("recovery_config.scheduled_snapshots_config.enabled")).toBe(orchestration.snapshots);
    expect(config("resilience_mode")).toBe(
      orchestration.highResilience ? "HIGH_RESILIENCE" : "STANDARD_RESILIENCE",
    );
    // Saturday and Sunday, twelve hours in all, when no daily run starts.
    expect(config("maintenance_window")).toEqual({
      start_time: "2026-01-03T12:00:00Z",
      end_time: "2026-01-03T18:00:00Z",
      recurrence: "FREQ=WEEKLY;BYDAY=SA,SU",
    });
    expect(config("software_config.cloud_data_lineage_integration.enabled")).toBe(true);
  });

  test("has time to be made, and to go", () => {
    expect(composer.timeouts).toEqual({ create: "120m", update: "120m", delete: "60m" });
  });

  test("shows its page to named networks only", () => {
    const ranges = config("web_server_network_access_control.allowed_ip_range") as { value: string }[];
    expect(JSON.stringify(ranges)).not.toContain("0.0.0.0/0");
  });

  test("gets variables without secrets and without values that change with the shipped files", () => {
    const variables = config("software_config.env_variables") as Record<string, string>;
    for (const [key, value] of Object.entries(variables)) {
      expect(value).not.toMatch(/\$\{|[0-9a-f]{32}|private_key/);
      // Names that Composer keeps for itself.
      expect(key).not.toMatch(
        /^(AIRFLOW_HOME|C_FORCE_ROOT|CONTAINER_NAME|DAGS_FOLDER|GCP_PROJECT|GCS_BUCKET|GKE_.*|SQL_(DATABASE|INSTANCE|PASSWORD|PROJECT|REGION|USER)|AIRFLOW__.*)$/,
      );
    }
  });
});

test("the daily run falls into office hours, with time for late files", () => {
  for (const { officeHours, orchestration } of environments) {
    if (officeHours === undefined) continue;
    expect(officeHours.timeZone).toBe("Etc/UTC");
    expect(parseInt(officeHours.open)).toBeLessThan(orchestration.runHour);
    expect(parseInt(officeHours.close)).toBeGreaterThan(
      orchestration.runHour + orchestration.arrivalWaitHours,
    );
  }
});

test("prod's database never stops", () => {
  expect(environments.find(({ name }) => name === "prod")?.officeHours).toBeUndefined();
  expect(plan("prod").all("google_cloud_scheduler_job")).toEqual([]);
});

test.each(environments)("the schedules of $name stop no cluster, on which a job may run", ({ name }) => {
  const targets = plan(name)
    .all("google_cloud_scheduler_job")
    .map((job) => String(at(job, "http_target.uri")));
  expect(targets.filter((uri) => !uri.includes("sqladmin"))).toEqual([]);
});

test("only a cluster that stands is not the DAG's to start and stop", () => {
  const standing = (environment: Environment): unknown =>
    at(
      synthesize([environment]).plan(environment.name).only("google_composer_environment"),
      "config.software_config.env_variables.CLUSTER_STANDING",
    );
  for (const environment of environments) {
    expect([environment.name, environment.processing.standing]).toEqual([environment.name, false]);
    expect(standing(environment)).toBeUndefined();
  }
  const [first] = environments;
  if (!first) throw new Error("no environment");
  expect(standing({ ...first, processing: { ...first.processing, standing: true } })).toBe("true");
});

test("unusual days are held back where the environment says so", () => {
  const held = (environment: Environment): unknown =>
    at(
      synthesize([environment]).plan(environment.name).only("google_composer_environment"),
      "config.software_config.env_variables.HOLD_UNUSUAL_DAYS",
    );
  const [first] = environments;
  if (!first) throw new Error("no environment");
  const having = (holdUnusualDays: boolean): Environment => ({
    ...first,
    orchestration: { ...first.orchestration, holdUnusualDays },
  });
  expect([first, having(false), having(true)].map(held)).toEqual([undefined, undefined, "true"]);
});

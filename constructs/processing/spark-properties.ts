import shared from "../../pyspark-jobs/sales_job/targets/spark_settings.json";

/**
 * Cluster-wide settings, as `<file>:<property>`. Those that a run on one machine has too come from one file.
 *
 * @param history - gs:// directory of the event logs, which remain when the cluster is deleted
 */
export function sparkProperties(history: string): Record<string, string> {
  return {
    "dataproc:dataproc.lineage.enabled": "true",
    "dataproc:dataproc.logging.stackdriver.job.driver.enable": "true",
    "dataproc:dataproc.logging.stackdriver.job.yarn.container.enable": "true",
    // On by default; the job's own log has what a failure needs, and every node's system log is billed by size.
    "dataproc:dataproc.logging.syslog.enabled": "false",
    "dataproc:diagnostic.capture.enabled": "false",
    "spark:spark.dynamicAllocation.enabled": "true",
    "spark:spark.eventLog.dir": history,
    "spark:spark.eventLog.enabled": "true",
    "spark:spark.eventLog.compress": "true",
    // Spark puts these before the image's own `extraJavaOptions`, which a value of ours would replace.
    "spark:spark.executor.defaultJavaOptions": shared.jvm.map(({ name }) => name).join(" "),
    "spark:spark.history.fs.logDirectory": history,
    "spark:spark.shuffle.service.enabled": "true",
    "spark:spark.sql.adaptive.coalescePartitions.enabled": "true",
    "spark:spark.sql.adaptive.enabled": "true",
    "spark:spark.sql.adaptive.skewJoin.enabled": "true",
    // Spot nodes leave with 30 seconds' notice: repeat their tasks instead of failing the job.
    "spark:spark.stage.maxConsecutiveAttempts": "10",
    "spark:spark.task.maxFailures": "10",
    "yarn:yarn.resourcemanager.am.max-attempts": "2",
    ...Object.fromEntries(shared.spark.map(({ name, value }) => [`spark:${name}`, value])),
    ...Object.fromEntries(shared.hadoop.map(({ name, value }) => [`spark:spark.hadoop.${name}`, value])),
  };
}

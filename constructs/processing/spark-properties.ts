/**
 * Cluster-wide settings, as `<file>:<property>`.
 *
 * @param history - gs:// directory of the event logs, which outlive the cluster
 */
export function sparkProperties(history: string): Record<string, string> {
  return {
    "dataproc:dataproc.lineage.enabled": "true",
    "dataproc:dataproc.logging.stackdriver.job.driver.enable": "true",
    "dataproc:dataproc.logging.stackdriver.job.yarn.container.enable": "true",
    "spark:spark.dynamicAllocation.enabled": "true",
    "spark:spark.eventLog.dir": history,
    "spark:spark.eventLog.enabled": "true",
    "spark:spark.eventLog.compress": "true",
    // Spark makes one method of a stage; what is longer than 8,000 bytes of code the JVM would never compile.
    "spark:spark.executor.extraJavaOptions": "-XX:-DontCompileHugeMethods",
    "spark:spark.history.fs.logDirectory": history,
    "spark:spark.shuffle.service.enabled": "true",
    "spark:spark.sql.adaptive.coalescePartitions.enabled": "true",
    "spark:spark.sql.adaptive.enabled": "true",
    "spark:spark.sql.adaptive.skewJoin.enabled": "true",
    // Spot nodes leave with 30 seconds' notice: their tasks are repeated rather than the job failed.
    "spark:spark.stage.maxConsecutiveAttempts": "10",
    "spark:spark.task.maxFailures": "10",
    "yarn:yarn.resourcemanager.am.max-attempts": "2",
  };
}

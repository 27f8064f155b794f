/**
 * Cluster-wide settings, as `<file>:<property>`.
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
    // Spark generates one method for a stage; by default the JVM never compiles a method of more than 8,000 bytes.
    "spark:spark.executor.extraJavaOptions": "-XX:-DontCompileHugeMethods",
    "spark:spark.history.fs.logDirectory": history,
    "spark:spark.shuffle.service.enabled": "true",
    "spark:spark.sql.adaptive.coalescePartitions.enabled": "true",
    "spark:spark.sql.adaptive.enabled": "true",
    "spark:spark.sql.adaptive.skewJoin.enabled": "true",
    // Spot nodes leave with 30 seconds' notice: repeat their tasks instead of failing the job.
    "spark:spark.stage.maxConsecutiveAttempts": "10",
    "spark:spark.task.maxFailures": "10",
    "yarn:yarn.resourcemanager.am.max-attempts": "2",
  };
}

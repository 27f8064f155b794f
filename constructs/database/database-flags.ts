import { DatabaseSettings } from "../../environments/environment";

export interface DatabaseFlag {
  readonly name: string;
  readonly value: string;
}

/** Bytes of one PostgreSQL page, the unit of its cache flags. */
const PAGE_BYTES = 8192;
const GIB = 1024 ** 3;

/** What is written to the log, for an auditor. */
const AUDIT = {
  "cloudsql.enable_pgaudit": "on",
  "pgaudit.log": "ddl,role,write",
  log_checkpoints: "on",
  log_connections: "on",
  log_disconnections: "on",
  log_duration: "on",
  log_hostname: "on",
  log_lock_waits: "on",
  log_min_error_statement: "error",
  log_min_messages: "warning",
  log_statement: "ddl",
  log_temp_files: "0",
};

/** Flags sorted by name: their order is the plan's. */
export function databaseFlags(settings: DatabaseSettings): DatabaseFlag[] {
  const flags: Record<string, string> = {
    ...AUDIT,
    // Reference tables are read whole from SSD and stay cached: random reads cost little more than serial ones.
    random_page_cost: "1.1",
    effective_cache_size: String(Math.floor((settings.memoryGb * GIB * 0.5) / PAGE_BYTES)),
    max_connections: String(settings.maxConnections),
    // A job that died must not hold its connection, nor its locks.
    idle_in_transaction_session_timeout: "600000",
    tcp_keepalives_idle: "60",
  };
  return Object.entries(flags)
    .map(([name, value]) => ({ name, value }))
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}

import { DatabaseSettings } from "../../environments/environment";

export interface DatabaseFlag {
  readonly name: string;
  readonly value: string;
}

/** Bytes of one PostgreSQL page, the unit of its cache flags. */
const PAGE_BYTES = 8192;
const GIB = 1024 ** 3;

/** Flags that make PostgreSQL log what an auditor needs. */
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

/** Flags of the instance, sorted by name so that every plan lists them in one order. */
export function databaseFlags(
  settings: Pick<DatabaseSettings, "memoryGb" | "maxConnections">,
): DatabaseFlag[] {
  const flags: Record<string, string> = {
    ...AUDIT,
    // Reference tables are small, on SSD and cached: a random read costs little more than a sequential one.
    random_page_cost: "1.1",
    effective_cache_size: String(Math.floor((settings.memoryGb * GIB * 0.5) / PAGE_BYTES)),
    max_connections: String(settings.maxConnections),
    // A job that died must not keep its connection and its locks.
    idle_in_transaction_session_timeout: "600000",
    tcp_keepalives_idle: "60",
  };
  return Object.entries(flags)
    .map(([name, value]) => ({ name, value }))
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}

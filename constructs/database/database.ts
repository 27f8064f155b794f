import { DnsRecordSet } from "@cdktf/provider-google/lib/dns-record-set";
import { SqlDatabase } from "@cdktf/provider-google/lib/sql-database";
import { SqlDatabaseInstance } from "@cdktf/provider-google/lib/sql-database-instance";
import { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { Environment } from "../../environments/environment";
import { MAINTENANCE } from "../../environments/maintenance";
import { databaseHost, resourceName } from "../../environments/naming";
import { KeySource } from "../encryption/keys";
import { labelsFor } from "../foundation/labels";
import { isProtected } from "../foundation/protection";
import { Network } from "../network/network";
import { PrivateDns } from "../network/private-dns";
import { databaseFlags } from "./database-flags";

type DatabaseEnvironment = Pick<
  Environment,
  "name" | "region" | "recoveryRegion" | "protection" | "costCenter" | "team" | "database" | "officeHours"
>;

export interface DatabaseProps {
  readonly environment: DatabaseEnvironment;
  readonly network: Network;
  readonly dns: PrivateDns;
  readonly keys: KeySource;
  /** Resources that the instance waits for. */
  readonly after: readonly ITerraformDependable[];
}

/** Database that holds the reference data. */
export const DATABASE_NAME = "sales";
/** User of the job; the rotation DAG creates it together with the first password. */
export const DATABASE_USER = "sales_job";

/** PostgreSQL on a private address, with a DNS name that is known at synth. */
export class Database extends Construct {
  readonly instance: SqlDatabaseInstance;
  /** Known at synth. */
  readonly instanceName: string;
  /** Private DNS name; resolves to the instance's address once the instance exists. */
  readonly host: string;

  constructor(scope: Construct, id: string, props: DatabaseProps) {
    super(scope, id);
    const { environment } = props;
    const settings = environment.database;
    // The name of a deleted instance stays reserved for a week: a new instance takes the next generation (pg#6066).
    this.instanceName = resourceName(environment.name, `postgres-g${settings.generation}`, "sqlInstance");
    this.host = databaseHost(environment.name);

    this.instance = new SqlDatabaseInstance(this, "instance", {
      ...this.common(props, environment.region),
      name: this.instanceName,
      settings: {
        ...this.commonSettings(props),
        availabilityType: settings.availability,
        backupConfiguration: {
          enabled: true,
          startTime: "03:00",
          location: settings.crossRegion ? environment.recoveryRegion : environment.region,
          pointInTimeRecoveryEnabled: settings.pointInTimeRecovery,
          transactionLogRetentionDays: 7,
          backupRetentionSettings: { retainedBackups: settings.retainedBackups, retentionUnit: "COUNT" },
        },
        maintenanceWindow: { day: 7, hour: MAINTENANCE.from, updateTrack: "stable" },
      },
      // Office hours start and stop it; without them a stopped database must show as a difference.
      lifecycle: environment.officeHours && { ignoreChanges: ["settings[0].activation_policy"] },
    });

    if (settings.crossRegion && environment.recoveryRegion !== undefined) {
      new SqlDatabaseInstance(this, "replica", {
        ...this.common(props, environment.recoveryRegion),
        name: `${this.instanceName}-replica`,
        masterInstanceName: this.instance.name,
        settings: { ...this.commonSettings(props), availabilityType: "ZONAL" },
      });
    }

    new SqlDatabase(this, "database", {
      name: DATABASE_NAME,
      instance: this.instance.name,
      charset: "UTF8",
      collation: "en_US.UTF8",
      // A database with open sessions cannot be dropped; it is deleted with its instance (pg#12968).
      deletionPolicy: "ABANDON",
    });
    new DnsRecordSet(this, "name", {
      managedZone: props.dns.internal.name,
      name: `${this.host}.`,
      type: "A",
      ttl: 60,
      rrdatas: [this.instance.privateIpAddress],
    });
  }

  private common(props: DatabaseProps, region: string) {
    const { environment, keys, network } = props;
    const key = keys.at(region, "sql");
    return {
      databaseVersion: "POSTGRES_16",
      region,
      encryptionKeyName: key?.id,
      // Terraform's own protection; `deletionProtectionEnabled` below is the API's (pg#13398).
      deletionProtection: isProtected(environment),
      timeouts: { create: "60m", update: "60m", delete: "60m" },
      // Without the peering the instance has no range to take an address from (pg#3245).
      dependsOn: [network.privateServices, ...props.after, ...(key?.usable ?? [])],
    };
  }

  private commonSettings(props: DatabaseProps) {
    const { environment, network } = props;
    const { cpus, memoryGb } = environment.database;
    return {
      tier: `db-custom-${cpus}-${memoryGb * 1024}`,
      // Some projects default to Enterprise Plus, which refuses custom tiers.
      edition: "ENTERPRISE",
      // Nested, where LabelEverything does not look.
      userLabels: labelsFor(environment, this.node.id),
      deletionProtectionEnabled: isProtected(environment),
      activationPolicy: "ALWAYS",
      diskType: "PD_SSD",
      // With autoresize, a disk size would be read as a request to shrink (pg#4579): none is set.
      diskAutoresize: true,
      connectorEnforcement: "NOT_REQUIRED",
      ipConfiguration: {
        ipv4Enabled: false,
        privateNetwork: network.vpc.id,
        sslMode: "ENCRYPTED_ONLY",
      },
      insightsConfig: {
        queryInsightsEnabled: true,
        queryPlansPerMinute: 5,
        queryStringLength: 1024,
        recordApplicationTags: true,
        recordClientAddress: true,
      },
      databaseFlags: databaseFlags(environment.database),
    };
  }
}

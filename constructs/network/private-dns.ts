import { DnsManagedZone } from "@cdktf/provider-google/lib/dns-managed-zone";
import { DnsRecordSet } from "@cdktf/provider-google/lib/dns-record-set";
import { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { Environment } from "../../environments/environment";
import { internalDomain, resourceName } from "../../environments/naming";
import { Network } from "./network";

/** Addresses of restricted.googleapis.com. */
const RESTRICTED_ADDRESSES = ["199.36.153.4", "199.36.153.5", "199.36.153.6", "199.36.153.7"];
const TTL_SECONDS = 300;

/** Domains of Google that the platform's machines connect to. */
export const GOOGLE_DOMAINS = ["googleapis.com", "gcr.io", "pkg.dev", "dataproc.cloud.google.com"] as const;

export interface PrivateDnsProps {
  readonly environment: Pick<Environment, "name">;
  readonly network: Network;
}

/** Private DNS zones: Google's APIs with their restricted addresses, and the platform's own names. */
export class PrivateDns extends Construct {
  /** Zone of the platform's own services. */
  readonly internal: DnsManagedZone;
  /** Records that machines without a public address need to reach Google's APIs. */
  readonly dependables: ITerraformDependable[] = [];

  constructor(scope: Construct, id: string, props: PrivateDnsProps) {
    super(scope, id);
    for (const domain of GOOGLE_DOMAINS) this.googleZone(props, domain);
    this.internal = this.zone(props, "internal", internalDomain(props.environment.name));
  }

  private zone(props: PrivateDnsProps, role: string, domain: string): DnsManagedZone {
    return new DnsManagedZone(this, role, {
      name: resourceName(props.environment.name, role),
      dnsName: `${domain}.`,
      description: `Private answers for ${domain}`,
      visibility: "private",
      privateVisibilityConfig: { networks: [{ networkUrl: props.network.vpc.id }] },
    });
  }

  private googleZone(props: PrivateDnsProps, domain: string): void {
    const role = domain.replaceAll(".", "-");
    const zone = this.zone(props, role, domain);
    // googleapis.com has a name of its own for the restricted addresses; other domains use their apex.
    const target = domain === "googleapis.com" ? `restricted.${domain}.` : `${domain}.`;
    this.dependables.push(
      new DnsRecordSet(this, `${role}-addresses`, {
        managedZone: zone.name,
        name: target,
        type: "A",
        ttl: TTL_SECONDS,
        rrdatas: RESTRICTED_ADDRESSES,
      }),
      new DnsRecordSet(this, `${role}-wildcard`, {
        managedZone: zone.name,
        name: `*.${domain}.`,
        type: "CNAME",
        ttl: TTL_SECONDS,
        rrdatas: [target],
      }),
    );
  }
}

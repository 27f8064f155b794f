import { ComputeFirewall, ComputeFirewallConfig } from "@cdktf/provider-google/lib/compute-firewall";
import { ComputeNetworkFirewallPolicy } from "@cdktf/provider-google/lib/compute-network-firewall-policy";
import { ComputeNetworkFirewallPolicyAssociation } from "@cdktf/provider-google/lib/compute-network-firewall-policy-association";
import { ComputeNetworkFirewallPolicyRule } from "@cdktf/provider-google/lib/compute-network-firewall-policy-rule";
import { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { Environment } from "../../environments/environment";
import { resourceName } from "../../environments/naming";
import { Identities } from "../identity/identities";
import { Network } from "./network";

/** Addresses of restricted.googleapis.com: only Google APIs that support VPC Service Controls. */
const RESTRICTED_VIP = "199.36.153.4/30";
/** Evaluated after every rule that allows. */
const DENY_PRIORITY = 65534;

export interface FirewallProps {
  readonly environment: Pick<Environment, "name" | "network" | "notifications">;
  readonly network: Network;
  readonly identities: Identities;
}

/**
 * Denies and logs all traffic in both directions, then allows the connections that the platform needs. Allowed
 * connections are in the subnets' flow logs; logged here too, they would be paid for twice.
 */
export class Firewall extends Construct {
  /** Firewall rules that must exist before cluster nodes start. */
  readonly dependables: ITerraformDependable[] = [];

  constructor(scope: Construct, id: string, props: FirewallProps) {
    super(scope, id);
    const { environment, network, identities } = props;
    const ranges = environment.network;
    const processing = [identities.processing.email];

    const rule = (role: string, config: Omit<ComputeFirewallConfig, "name" | "network">): void => {
      const firewall = new ComputeFirewall(this, role, {
        name: resourceName(environment.name, role),
        network: network.vpc.name,
        ...(config.deny && { logConfig: { metadata: "INCLUDE_ALL_METADATA" } }),
        ...config,
      });
      this.dependables.push(firewall);
    };

    rule("deny-ingress", {
      description: "Nothing comes in that no other rule allows",
      direction: "INGRESS",
      priority: DENY_PRIORITY,
      sourceRanges: ["0.0.0.0/0"],
      deny: [{ protocol: "all" }],
    });
    rule("allow-cluster-internal", {
      description: "Nodes of the cluster talk to each other",
      direction: "INGRESS",
      sourceServiceAccounts: processing,
      targetServiceAccounts: processing,
      allow: [{ protocol: "tcp" }, { protocol: "udp" }, { protocol: "icmp" }],
    });

    rule("deny-egress", {
      description: "Nothing goes out that no other rule allows",
      direction: "EGRESS",
      priority: DENY_PRIORITY,
      destinationRanges: ["0.0.0.0/0"],
      deny: [{ protocol: "all" }],
    });
    rule("allow-egress-google-apis", {
      description: "Google's APIs, by their restricted addresses",
      direction: "EGRESS",
      destinationRanges: [RESTRICTED_VIP],
      allow: [{ protocol: "tcp", ports: ["443"] }],
    });
    rule("allow-egress-database", {
      description: "PostgreSQL in the peered range",
      direction: "EGRESS",
      destinationRanges: [ranges.privateServices],
      allow: [{ protocol: "tcp", ports: ["5432"] }],
    });
    rule("allow-egress-internal", {
      description: "The platform's own subnets",
      direction: "EGRESS",
      destinationRanges: [ranges.publicSubnet, ranges.composerInternal, ranges.privateSubnet],
      allow: [{ protocol: "tcp" }, { protocol: "udp" }, { protocol: "icmp" }],
    });
    if (environment.notifications.hosts.length > 0) this.allowHosts(environment, network);
  }

  /**
   * By name: chat services have no stable addresses. A policy, because the rules of a network know addresses only; it is
   * evaluated before them, and what it does not allow they deny.
   */
  private allowHosts({ name, notifications }: FirewallProps["environment"], network: Network): void {
    const policy = new ComputeNetworkFirewallPolicy(this, "hosts", {
      name: resourceName(name, "notification-hosts"),
      description: "Mail and chat servers that notify of runs",
    });
    new ComputeNetworkFirewallPolicyRule(this, "allow-egress-hosts", {
      firewallPolicy: policy.name,
      ruleName: resourceName(name, "allow-egress-hosts"),
      description: "Mail and chat servers, by name",
      direction: "EGRESS",
      action: "allow",
      priority: 1000,
      match: {
        destFqdns: [...notifications.hosts],
        layer4Configs: [{ ipProtocol: "tcp", ports: ["443", "465", "587"] }],
      },
    });
    new ComputeNetworkFirewallPolicyAssociation(this, "hosts-of-network", {
      name: resourceName(name, "notification-hosts"),
      firewallPolicy: policy.name,
      attachmentTarget: network.vpc.id,
    });
  }
}

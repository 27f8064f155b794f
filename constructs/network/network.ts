import { ComputeGlobalAddress } from "@cdktf/provider-google/lib/compute-global-address";
import { ComputeNetwork } from "@cdktf/provider-google/lib/compute-network";
import { ComputeRouter } from "@cdktf/provider-google/lib/compute-router";
import { ComputeRouterNat } from "@cdktf/provider-google/lib/compute-router-nat";
import { ComputeSubnetwork } from "@cdktf/provider-google/lib/compute-subnetwork";
import { ServiceNetworkingConnection } from "@cdktf/provider-google/lib/service-networking-connection";
import { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { Environment } from "../../environments/environment";
import { resourceName } from "../../environments/naming";

export interface NetworkProps {
  readonly environment: Pick<Environment, "name" | "region" | "network" | "notifications">;
}

/**
 * VPC with a subnet for orchestration (called public; no address in it is), one for processing, NAT and the peering with Google's services.
 */
export class Network extends Construct {
  readonly vpc: ComputeNetwork;
  readonly publicSubnet: ComputeSubnetwork;
  readonly privateSubnet: ComputeSubnetwork;
  readonly nat: ComputeRouterNat;
  /** Must exist before a database instance can take an address of the peered range (pg#3245). */
  readonly privateServices: ServiceNetworkingConnection;
  /** Must exist before anything runs in the subnets. */
  readonly dependables: ITerraformDependable[];

  constructor(scope: Construct, id: string, props: NetworkProps) {
    super(scope, id);
    const { environment } = props;
    const name = (role: string): string => resourceName(environment.name, role);
    const ranges = environment.network;

    this.vpc = new ComputeNetwork(this, "vpc", {
      name: name("vpc"),
      autoCreateSubnetworks: false,
      routingMode: "REGIONAL",
      // The policy that allows hosts by name comes before the rules, one of which denies everything.
      ...(environment.notifications.hosts.length > 0 && {
        networkFirewallPolicyEnforcementOrder: "BEFORE_CLASSIC_FIREWALL",
      }),
    });
    this.publicSubnet = this.subnet("public-subnet", environment, ranges.publicSubnet);
    this.privateSubnet = this.subnet("private-subnet", environment, ranges.privateSubnet);

    const router = new ComputeRouter(this, "router", {
      name: name("router"),
      region: environment.region,
      network: this.vpc.id,
    });
    this.nat = new ComputeRouterNat(this, "nat", {
      name: name("nat"),
      router: router.name,
      region: environment.region,
      natIpAllocateOption: "AUTO_ONLY",
      // Naming the subnets makes Terraform remove the NAT before them (pg#5423, pg#9812).
      sourceSubnetworkIpRangesToNat: "LIST_OF_SUBNETWORKS",
      subnetwork: [this.publicSubnet, this.privateSubnet].map((subnet) => ({
        name: subnet.id,
        sourceIpRangesToNat: ["ALL_IP_RANGES"],
      })),
      logConfig: { enable: true, filter: "ERRORS_ONLY" },
    });

    this.privateServices = this.peering(environment);
    this.dependables = [this.nat];
  }

  private subnet(
    role: string,
    environment: NetworkProps["environment"],
    ipCidrRange: string,
  ): ComputeSubnetwork {
    return new ComputeSubnetwork(this, role, {
      name: resourceName(environment.name, role),
      region: environment.region,
      network: this.vpc.id,
      ipCidrRange,
      stackType: "IPV4_ONLY",
      // Nodes without an external address reach Google's APIs through it (pg#17436).
      privateIpGoogleAccess: true,
      logConfig: {
        // Enough to see who talks to whom; a job's shuffle at short intervals would cost more than the job.
        aggregationInterval: "INTERVAL_10_MIN",
        flowSampling: 0.1,
        metadata: "EXCLUDE_ALL_METADATA",
      },
    });
  }

  private peering({ name, network }: NetworkProps["environment"]): ServiceNetworkingConnection {
    const [address, prefix] = network.privateServices.split("/");
    const range = new ComputeGlobalAddress(this, "private-services-range", {
      name: resourceName(name, "private-services"),
      purpose: "VPC_PEERING",
      addressType: "INTERNAL",
      address,
      prefixLength: Number(prefix),
      network: this.vpc.id,
    });
    return new ServiceNetworkingConnection(this, "private-services", {
      network: this.vpc.id,
      service: "servicenetworking.googleapis.com",
      reservedPeeringRanges: [range.name],
      // Cloud SQL keeps its side of the peering for days after a delete; until then the peering cannot be deleted (pg#16275).
      deletionPolicy: "ABANDON",
      // After an abandoned delete the next creation finds the old peering and updates it (pg#3294, cluster-toolkit#4744).
      updateOnCreationFail: true,
    });
  }
}

import { environments } from "../../../environments";
import { Attributes, at } from "../support/fixture";
import { synthesize } from "../support/synthesize";
import { synthesizedStacks } from "../support/synthesized-stacks";

const { plan } = synthesizedStacks();

describe.each(environments)("network of $name", ({ name, network, region }) => {
  const stack = plan(name);

  test("is one custom VPC with two named subnets, and no range that nothing uses", () => {
    expect(stack.only("google_compute_network")).toMatchObject({ auto_create_subnetworks: false });
    const ranges = (role: string): unknown => {
      const subnet = stack.named("google_compute_subnetwork", `${role}-subnet`);
      return [subnet.ip_cidr_range, subnet.secondary_ip_range];
    };
    // Composer 3 has no cluster in the network, and Dataproc's machines no pods.
    expect(ranges("public")).toEqual([network.publicSubnet, undefined]);
    expect(ranges("private")).toEqual([network.privateSubnet, undefined]);
    expect(stack.all("google_compute_subnetwork")).toHaveLength(2);
  });

  test("reaches Google's APIs without public addresses and logs its flows (pg#17436)", () => {
    for (const subnet of stack.all("google_compute_subnetwork")) {
      expect(subnet).toMatchObject({
        private_ip_google_access: true,
        region,
        log_config: {
          aggregation_interval: "INTERVAL_10_MIN",
          flow_sampling: 0.1,
          metadata: "EXCLUDE_ALL_METADATA",
        },
      });
    }
  });

  test("reaches the internet through a logged NAT that names its subnets (pg#5423, pg#9812)", () => {
    const nat = stack.only("google_compute_router_nat");
    expect(nat).toMatchObject({
      nat_ip_allocate_option: "AUTO_ONLY",
      source_subnetwork_ip_ranges_to_nat: "LIST_OF_SUBNETWORKS",
      log_config: { enable: true },
    });
    expect(nat.subnetwork).toHaveLength(2);
  });

  test("denies and logs both directions, allows nothing from anywhere, and does not log what it allows", () => {
    const rules = stack.all("google_compute_firewall");
    const deny = (direction: string): Attributes[] =>
      rules.filter((rule) => rule.deny !== undefined && rule.direction === direction);
    for (const direction of ["INGRESS", "EGRESS"]) {
      expect(deny(direction)).toEqual([
        expect.objectContaining({ priority: 65534, deny: [{ protocol: "all" }] }),
      ]);
    }
    // What is allowed is in the flow logs of the subnets, and would be paid for twice.
    for (const rule of rules)
      expect(at(rule, "log_config.metadata")).toBe(rule.deny ? "INCLUDE_ALL_METADATA" : undefined);
    const into = rules.filter((rule) => rule.direction === "INGRESS" && rule.allow !== undefined);
    // No shell from outside: nobody has the right to open one.
    expect(into.map((rule) => rule.source_ranges ?? rule.source_service_accounts)).toEqual([
      [expect.stringContaining("-processing@")],
    ]);
    for (const rule of into) {
      expect(rule.target_service_accounts).toEqual([expect.stringContaining("-processing@")]);
    }
    const out = rules.filter((rule) => rule.direction === "EGRESS" && rule.allow !== undefined);
    const destinations = out.flatMap((rule) => rule.destination_ranges as string[]);
    expect(destinations.filter((range) => !range.startsWith("10.") && range !== "199.36.153.4/30")).toEqual(
      [],
    );
    // No mail or chat server is named by default.
    expect(stack.all("google_compute_network_firewall_policy")).toEqual([]);
  });

  test("answers for Google's domains with the restricted addresses", () => {
    const zones = stack.all("google_dns_managed_zone").map((zone) => [zone.dns_name, zone.visibility]);
    expect(zones).toEqual(
      expect.arrayContaining([
        ["googleapis.com.", "private"],
        ["pkg.dev.", "private"],
        [`sales-${name}.internal.`, "private"],
      ]),
    );
    const restricted = stack
      .all("google_dns_record_set")
      .find((record) => record.name === "restricted.googleapis.com.");
    expect(restricted?.rrdatas).toEqual(["199.36.153.4", "199.36.153.5", "199.36.153.6", "199.36.153.7"]);
  });

  test("keeps the peering with Google's services on destroy (pg#16275, pg#3294)", () => {
    expect(stack.only("google_service_networking_connection")).toMatchObject({
      deletion_policy: "ABANDON",
      update_on_creation_fail: true,
    });
    const [address, prefix] = network.privateServices.split("/");
    expect(stack.only("google_compute_global_address")).toMatchObject({
      purpose: "VPC_PEERING",
      address,
      prefix_length: Number(prefix),
    });
  });
});

test("mail and chat servers are reached by name, before the rule that denies everything", () => {
  const [dev] = environments;
  if (!dev) throw new Error("no environment");
  const hosts = ["hooks.slack.com", "smtp.acme.eu"];
  const stack = synthesize([{ ...dev, notifications: { ...dev.notifications, hosts } }]).plan(dev.name);
  expect(stack.only("google_compute_network")).toMatchObject({
    network_firewall_policy_enforcement_order: "BEFORE_CLASSIC_FIREWALL",
  });
  expect(stack.only("google_compute_network_firewall_policy_rule")).toMatchObject({
    direction: "EGRESS",
    action: "allow",
    match: { dest_fqdns: hosts, layer4_configs: [{ ip_protocol: "tcp", ports: ["443", "465", "587"] }] },
  });
  expect(stack.only("google_compute_network_firewall_policy_association")).toMatchObject({
    attachment_target: expect.stringContaining("google_compute_network.network_vpc") as string,
  });
});

import { AccessContextManagerAccessLevel } from "@cdktf/provider-google/lib/access-context-manager-access-level";
import {
  AccessContextManagerServicePerimeter,
  AccessContextManagerServicePerimeterSpec,
} from "@cdktf/provider-google/lib/access-context-manager-service-perimeter";
import { GoogleProvider } from "@cdktf/provider-google/lib/provider";
import { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { Environment } from "../../environments/environment";
import { accountEmail, APPLICATION } from "../../environments/naming";
import { Identities } from "../identity/identities";

/** Services that hold data of the platform or start machines in its network. */
const RESTRICTED_SERVICES = [
  "artifactregistry",
  "bigquery",
  "cloudkms",
  "composer",
  "compute",
  "container",
  "dataproc",
  "logging",
  "monitoring",
  "pubsub",
  "secretmanager",
  "sqladmin",
  "storage",
].map((service) => `${service}.googleapis.com`);

export interface ServicePerimeterProps {
  readonly environment: Pick<Environment, "name" | "projectId" | "organization" | "orchestration">;
  /** Number of the organization's access policy. */
  readonly accessPolicyId: string;
  readonly projectNumber: string;
  readonly identities: Pick<Identities, "ingest">;
  readonly provider: GoogleProvider;
  /** Resources whose creation the perimeter could disturb. */
  readonly after: readonly ITerraformDependable[];
}

/**
 * A perimeter of VPC Service Controls: the project's data can be read from its own network, from the networks of
 * `orchestration.webAccess`, and by the accounts that deploy and deliver; it can be copied to no other project.
 */
export class ServicePerimeter extends Construct {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: ServicePerimeterProps,
  ) {
    super(scope, id);
    const { environment, accessPolicyId, provider } = props;
    const parent = `accessPolicies/${accessPolicyId}`;
    // Letters, digits and underscores only.
    const name = `${APPLICATION}_${environment.name}`;
    const networks = new AccessContextManagerAccessLevel(this, "networks", {
      provider,
      parent,
      name: `${parent}/accessLevels/${name}_networks`,
      title: `${name} networks`,
      description: "Networks from which people use the platform",
      basic: {
        conditions: [{ ipSubnetworks: environment.orchestration.webAccess.map(({ range }) => range) }],
      },
    });
    const boundary = this.boundary(networks.name);
    new AccessContextManagerServicePerimeter(this, "perimeter", {
      provider,
      parent,
      name: `${parent}/servicePerimeters/${name}`,
      title: name,
      description: "Keeps the platform's data in its project",
      ...(environment.organization.perimeter === "enforced"
        ? { status: boundary }
        : { spec: boundary, useExplicitDryRunSpec: true }),
      dependsOn: [...props.after],
    });
  }

  private boundary(accessLevel: string): AccessContextManagerServicePerimeterSpec {
    const { environment, identities, projectNumber } = this.props;
    const { name, projectId } = environment;
    const ci = ["deploy", "plan"].map((role) => accountEmail(projectId, name, role));
    return {
      resources: [`projects/${projectNumber}`],
      restrictedServices: RESTRICTED_SERVICES,
      accessLevels: [accessLevel],
      ingressPolicies: [
        this.mayEnter("CI deploys and plans", ci, "*"),
        this.mayEnter("files are delivered", [identities.ingest.email], "storage.googleapis.com"),
      ],
    };
  }

  /** Lets accounts in from anywhere, to one service or to all (`*`); what they may do there, their roles say. */
  private mayEnter(title: string, emails: readonly string[], service: string) {
    return {
      title,
      ingressFrom: {
        identities: emails.map((email) => `serviceAccount:${email}`),
        sources: [{ accessLevel: "*" }],
      },
      ingressTo: {
        resources: ["*"],
        operations: [
          { serviceName: service, ...(service !== "*" && { methodSelectors: [{ method: "*" }] }) },
        ],
      },
    };
  }
}

import { ITerraformDependable, LocalExecProvisioner, TerraformResource } from "cdktf";
import { Construct } from "constructs";

export interface WaitProps {
  /** How long Google takes at most, in seconds; an apply that finds it too short is repeated by `npm run deploy`. */
  readonly seconds: number;
  /** What Google has confirmed, but does not know everywhere yet. */
  readonly after: readonly ITerraformDependable[];
  /** Names of what is waited for: Terraform waits again when one is added. */
  readonly names: readonly string[];
  /** Requests before the wait, for which the provider has no resource. */
  readonly requests?: Requests;
}

export interface Requests {
  readonly projectId: string;
  /** Addresses to POST to, without a body. */
  readonly post?: readonly string[];
  /** Addresses to GET. */
  readonly get?: readonly string[];
}

/**
 * A pause in an apply, once. Google answers "enabled" and "granted" some seconds before every part of it knows so, and
 * the provider does not repeat what is refused meanwhile. A resource of Terraform itself: the provider of `time_sleep`
 * would be one more to trust and to download.
 */
export class Wait extends Construct {
  readonly resource: TerraformResource;

  constructor(scope: Construct, id: string, props: WaitProps) {
    super(scope, id);
    const { seconds, after, names, requests } = props;
    const wait: LocalExecProvisioner = {
      type: "local-exec",
      interpreter: ["sh", "-c"],
      command: [...(requests ? script(requests) : []), `sleep ${seconds}`].join("\n"),
    };
    this.resource = new Pause(this, "resource", [...names].sort().join(" "), [...after], wait);
  }
}

/** Type of Terraform's own resource. */
const TERRAFORM_DATA = "terraform_data";

/** Whether a resource is Terraform's own: it belongs to no API and no provider. */
export function isOfTerraform(resource: TerraformResource): boolean {
  return resource.terraformResourceType === TERRAFORM_DATA;
}

/** Not CDKTF's `DataResource`, which starts `terraform version` for each at every synth; a synth needs no terraform. */
class Pause extends TerraformResource {
  constructor(
    scope: Construct,
    id: string,
    private readonly names: string,
    dependsOn: ITerraformDependable[],
    provisioner: LocalExecProvisioner,
  ) {
    super(scope, id, {
      terraformResourceType: TERRAFORM_DATA,
      terraformGeneratorMetadata: { providerName: "terraform" },
      dependsOn,
      provisioners: [provisioner],
    });
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    return { triggers_replace: { names: this.names } };
  }
}

/**
 * Lines of a shell script that makes the requests with the credentials of the apply. The token is in no argument, which
 * other users of the machine could read. A refused request is named and does not end the apply: what it asks for may
 * exist already, and what needs it fails with the reason (pg#22521).
 */
function script({ projectId, post = [], get = [] }: Requests): string[] {
  return [
    "token=$GOOGLE_OAUTH_ACCESS_TOKEN",
    '[ -n "$token" ] || token=$(gcloud auth application-default print-access-token)',
    // The certificates that Terraform trusts.
    '[ -z "$SSL_CERT_FILE" ] || export CURL_CA_BUNDLE="$SSL_CERT_FILE"',
    "ask() {",
    `  printf 'header = "Authorization: Bearer %s"\\n' "$token" |`,
    "    curl --config - --silent --show-error --fail --max-time 60 --output /dev/null \\",
    "      --retry 4 --retry-delay 5 --retry-all-errors \\",
    `      --header 'Content-Type: application/json' --header 'X-Goog-User-Project: ${projectId}' "$@" ||`,
    '    echo "refused: $*: see docs/runbooks/first-deployment.md" >&2',
    "}",
    ...post.map((address) => `ask --data '{}' ${address}`),
    ...get.map((address) => `ask ${address}`),
  ];
}

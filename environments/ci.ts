import { variable } from "./environment-variable";

/** Repository on the CI service. Ids identify it: a name can be given up, and taken by somebody else. */
export interface Repository {
  /** `owner/name`; links in alerts lead there. */
  readonly name: string;
  /** Number that the service gave the repository. */
  readonly id: string;
  /** Number that the service gave the owner of the repository. */
  readonly ownerId: string;
}

/** The CI service. It deploys through workload identity federation, without a service account key. */
export interface CiService {
  /** Issuer of the OIDC tokens of the service's jobs. */
  readonly issuer: string;
  /** Branch whose jobs may deploy. */
  readonly branch: string;
  /**
   * Repository whose jobs may plan and deploy.
   * @default - none: only people deploy
   */
  readonly repository?: Repository;
}

/** Variables of the repository, with the form of their values: these become part of a condition. */
const VARIABLES = {
  SALES_CI_REPOSITORY: /^[\w.-]+\/[\w.-]+$/,
  SALES_CI_REPOSITORY_ID: /^\d+$/,
  SALES_CI_OWNER_ID: /^\d+$/,
} as const;

/** How to find the ids, for messages. */
const REMEDY = "`gh api repos/OWNER/NAME --jq '.id, .owner.id'` prints the two ids";

function repository(): Repository | undefined {
  const values = Object.entries(VARIABLES).map(([name, form]) => ({ name, form, value: variable(name) }));
  const missing = values.filter(({ value }) => value === undefined);
  if (missing.length === values.length) return undefined;
  for (const { name, form, value } of values) {
    if (value === undefined)
      throw new Error(`ci: ${name}: is not set, but another variable of the repository is: ${REMEDY}`);
    if (!form.test(value))
      throw new Error(`ci: ${name}: '${value}' is not written as ${form.source}: ${REMEDY}`);
  }
  const [name = "", id = "", ownerId = ""] = values.map(({ value }) => value);
  return { name, id, ownerId };
}

export const ci: CiService = {
  issuer: "https://token.actions.githubusercontent.com",
  branch: "main",
  repository: repository(),
};

import { BigqueryDatapolicyDataPolicy } from "@cdktf/provider-google/lib/bigquery-datapolicy-data-policy";
import { BigqueryDatapolicyDataPolicyIamMember } from "@cdktf/provider-google/lib/bigquery-datapolicy-data-policy-iam-member";
import { DataCatalogPolicyTag } from "@cdktf/provider-google/lib/data-catalog-policy-tag";
import { DataCatalogPolicyTagIamMember } from "@cdktf/provider-google/lib/data-catalog-policy-tag-iam-member";
import { DataCatalogTaxonomy } from "@cdktf/provider-google/lib/data-catalog-taxonomy";
import { Construct } from "constructs";
import { Environment } from "../../environments/environment";
import { APPLICATION } from "../../environments/naming";
import { Grantee } from "../identity/workload-identity";
import { PERSONAL_CLASSES, PersonalClass } from "./table";

export interface PersonalDataProps {
  readonly environment: Pick<Environment, "name" | "projectId" | "region">;
}

/**
 * Access to columns with personal data, by their class: a policy tag marks the columns of one class, and a data policy
 * says what somebody sees who may read the table but not these columns (docs/decisions/0041-personal-data.md).
 */
export class PersonalData extends Construct {
  private readonly classes = new Map<
    PersonalClass,
    { readonly tag: DataCatalogPolicyTag; readonly mask: BigqueryDatapolicyDataPolicy }
  >();

  constructor(scope: Construct, id: string, props: PersonalDataProps) {
    super(scope, id);
    const { name, projectId, region } = props.environment;
    const taxonomy = new DataCatalogTaxonomy(this, "taxonomy", {
      region,
      // Unique in an organization, which may have several projects with an environment of this name.
      displayName: `${APPLICATION} ${name} personal data in ${projectId}`,
      description: "Columns with personal data of the sales tables",
      activatedPolicyTypes: ["FINE_GRAINED_ACCESS_CONTROL"],
    });
    for (const [personal, description] of Object.entries(PERSONAL_CLASSES)) {
      const tag = new DataCatalogPolicyTag(this, `${personal}-tag`, {
        taxonomy: taxonomy.id,
        displayName: personal,
        description,
      });
      const mask = new BigqueryDatapolicyDataPolicy(this, `${personal}-mask`, {
        location: region,
        dataPolicyId: `${APPLICATION}_${name}_${personal}`,
        policyTag: tag.name,
        dataPolicyType: "DATA_MASKING_POLICY",
        // Not a hash: whoever knows how ids look tries all of them.
        dataMaskingPolicy: { predefinedExpression: "ALWAYS_NULL" },
      });
      this.classes.set(personal as PersonalClass, { tag, mask });
    }
  }

  /** Name of the policy tag of a class, as a column's schema has it; known after an apply. */
  tagName(personal: PersonalClass): string {
    const found = this.classes.get(personal);
    if (!found) throw new Error(`${personal}: no such class, see PERSONAL_CLASSES`);
    return found.tag.name;
  }

  /** Grants reading the columns of every class as they are. */
  grantClear(scope: Construct, id: string, grantee: Grantee): void {
    for (const [personal, { tag }] of this.classes)
      new DataCatalogPolicyTagIamMember(scope, `${id}-${personal}`, {
        policyTag: tag.name,
        role: "roles/datacatalog.categoryFineGrainedReader",
        member: grantee.member,
      });
  }

  /** Grants reading the tables with NULL in these columns; without it a query of them is refused. */
  grantMasked(scope: Construct, id: string, grantee: Grantee): void {
    for (const [personal, { mask }] of this.classes)
      new BigqueryDatapolicyDataPolicyIamMember(scope, `${id}-${personal}`, {
        location: mask.location,
        dataPolicyId: mask.dataPolicyId,
        role: "roles/bigquerydatapolicy.maskedReader",
        member: grantee.member,
      });
  }
}

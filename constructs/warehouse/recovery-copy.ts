import { BigqueryDataset } from "@cdktf/provider-google/lib/bigquery-dataset";
import { BigqueryDatasetIamMember } from "@cdktf/provider-google/lib/bigquery-dataset-iam-member";
import { Construct } from "constructs";
import { Environment } from "../../environments/environment";
import { recoveryDatasetId } from "../../environments/naming";
import { KeySource } from "../encryption/keys";
import { isProtected } from "../foundation/protection";
import { Identities } from "../identity/identities";

export interface RecoveryCopyProps {
  readonly environment: Pick<Environment, "name" | "protection">;
  readonly recoveryRegion: string;
  readonly keys: KeySource;
  readonly identities: Identities;
}

/**
 * Dataset in the recovery region. The DAG copies the tables of figures into it after each run; it holds no lines and no
 * personal data, whose policy tags would be of the other region (docs/decisions/0091-copy-of-the-figures.md).
 */
export class RecoveryCopy extends Construct {
  /** Known at synth. */
  readonly datasetId: string;

  constructor(scope: Construct, id: string, props: RecoveryCopyProps) {
    super(scope, id);
    const { environment, recoveryRegion, keys, identities } = props;
    // Tables with a key of the project's own are copied only where the other dataset has one too:
    // https://docs.cloud.google.com/bigquery/docs/managing-datasets#limitations
    const key = keys.at(recoveryRegion, "bigquery");
    this.datasetId = recoveryDatasetId(environment.name);
    const dataset = new BigqueryDataset(this, "dataset", {
      datasetId: this.datasetId,
      location: recoveryRegion,
      description: "Copy of the tables of figures, for a region that is lost",
      maxTimeTravelHours: "48",
      // Each copy replaces the one before, which physical bytes would be paid for until time travel ends.
      storageBillingModel: "LOGICAL",
      deleteContentsOnDestroy: !isProtected(environment),
      ...(key && { defaultEncryptionConfiguration: { kmsKeyName: key.id } }),
      dependsOn: key?.usable,
    });
    // What a copy job needs at its destination: https://docs.cloud.google.com/bigquery/docs/managing-tables#copy-table
    // Nobody else has a role on it: the runbook grants analysts theirs when the region is lost.
    new BigqueryDatasetIamMember(this, "copier", {
      datasetId: dataset.datasetId,
      role: "roles/bigquery.dataEditor",
      member: identities.orchestrator.member,
    });
  }
}

import { environments } from "../../../environments";
import { at } from "../support/fixture";
import { synthesizedStacks } from "../support/synthesized-stacks";

const { plan } = synthesizedStacks();

describe.each(environments)("the copy of the figures of $name", ({ name, warehouse, recoveryRegion }) => {
  const stack = plan(name);
  const copies = stack
    .all("google_bigquery_dataset")
    .filter(({ dataset_id }) => String(dataset_id).startsWith("sales_recovery_"));
  const variables = at(
    stack.only("google_composer_environment"),
    "config.software_config.env_variables",
  ) as Record<string, string>;

  test("is in the recovery region of prod, and the DAG knows it; the others have none", () => {
    expect(warehouse.crossRegion).toBe(name === "prod");
    const expected = name === "prod" ? [["sales_recovery_prod", recoveryRegion]] : [];
    expect(copies.map((one) => [one.dataset_id, one.location])).toEqual(expected);
    expect(variables.RECOVERY_DATASET).toBe(expected[0]?.[0]);
  });

  test("has the key of its own region, which BigQuery may use, and is protected", () => {
    for (const copy of copies) {
      const key = String(at(copy, "default_encryption_configuration.kms_key_name"));
      expect(key).toMatch(/^\$\{google_kms_crypto_key\.keys_recovery-key_\w+\.id\}$/);
      const agents = stack
        .all("google_kms_crypto_key_iam_member")
        .filter(({ crypto_key_id }) => crypto_key_id === key)
        .map(({ member }) => String(member));
      expect(agents.some((member) => member.includes("bigquery-encryption"))).toBe(true);
      expect([copy.delete_contents_on_destroy, copy.storage_billing_model]).toEqual([false, "LOGICAL"]);
    }
  });

  test("is open to the account of the DAG alone", () => {
    const members = stack
      .all("google_bigquery_dataset_iam_member")
      .filter(({ dataset_id }) => String(dataset_id).includes("recovery"))
      .map(({ member, role }) => [String(member).split("@")[0], role]);
    expect(members).toEqual(
      copies.map(() => ["serviceAccount:sales-prod-orchestrator", "roles/bigquery.dataEditor"]),
    );
  });
});

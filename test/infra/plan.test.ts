import { environments } from "../../environments";
import { Environment } from "../../environments/environment";
import { anonymous, differences, Plan } from "./support/fixture";
import { synthesize } from "./support/synthesize";
import { synthesizedStacks } from "./support/synthesized-stacks";

const { plan } = synthesizedStacks();

function environment(name: string): Environment {
  const found = environments.find((one) => one.name === name);
  if (!found) throw new Error(name);
  return found;
}

const names = environments.map(({ name }) => name);
const normalized = (name: string): Plan => anonymous(plan(name), environment(name));

/** Replacing these loses data or an address that others use: their ids in the state must never change. */
const HOLDS_DATA =
  /^google_(storage_bucket|sql_database_instance|sql_database|bigquery_dataset|bigquery_table|kms_crypto_key|kms_key_ring|secret_manager_secret|composer_environment)\./;

test("prod, whole", () => {
  expect(Object.fromEntries(normalized("prod").resources)).toMatchSnapshot();
  expect(normalized("prod").json.output).toMatchSnapshot("outputs");
});

test.each(names.filter((name) => name !== "prod"))("%s, in what it differs from prod", (name) => {
  expect(differences(normalized("prod"), normalized(name))).toMatchSnapshot();
});

test("bootstrap, whole", () => {
  const resources = Object.fromEntries(plan("bootstrap").resources);
  const ofDev = Object.entries(resources).filter(([address]) => address.split(".")[1]?.startsWith("dev_"));
  expect(Object.fromEntries(ofDev)).toMatchSnapshot("for dev");
  // The same for every environment, but for the account that keeps office hours.
  const common = (addresses: string[]): string[] =>
    addresses.filter((address) => !address.includes("caretaker"));
  expect(common(Object.keys(resources))).toHaveLength(
    environments.length * common(ofDev.map(([address]) => address)).length,
  );
});

test.each(names)("%s keeps the ids of what holds data", (name) => {
  expect([...plan(name).resources.keys()].filter((address) => HOLDS_DATA.test(address))).toMatchSnapshot();
});

test.each(names)("%s, resources by type", (name) => {
  const counts: Record<string, number> = {};
  for (const address of plan(name).resources.keys()) {
    const type = address.split(".")[0] ?? "";
    counts[type] = (counts[type] ?? 0) + 1;
  }
  expect(counts).toMatchSnapshot();
});

test("two syntheses give the same resources", () => {
  const again = synthesize(environments);
  for (const { name } of environments) {
    expect(Object.fromEntries(again.plan(name).resources)).toEqual(Object.fromEntries(plan(name).resources));
  }
});

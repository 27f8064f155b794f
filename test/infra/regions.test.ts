import { environments, moved } from "../../environments";
import { Environment } from "../../environments/environment";
import { validated } from "../../environments/validation";
import { synthesize } from "./support/synthesize";

const named = (name: string): Environment => {
  const found = environments.find((environment) => environment.name === name);
  if (!found) throw new Error(name);
  return found;
};
const prod = named("prod");

test("one setting moves an environment to its recovery region, and no other environment", () => {
  const there = moved(prod, "prod:us-west1");
  expect([there.region, there.recoveryRegion]).toEqual(["us-east1", "us-west1"]);
  expect({ ...there, region: prod.region, recoveryRegion: prod.recoveryRegion }).toEqual(prod);
  expect(environments.map((one) => moved(one, "prod:us-west1").region)).toEqual(
    environments.map(({ name, region }) => (name === "prod" ? "us-east1" : region)),
  );
  expect(environments.map((one) => moved(one, undefined))).toEqual(environments);
});

test.each([
  ["prod", "MOVE: name another region for recovery, as MOVE=prod:us-west1"],
  ["prod:us-central1", "MOVE: name another region for recovery, as MOVE=prod:us-west1"],
])("MOVE=%s is refused", (move, message) => {
  expect(() => moved(prod, move)).toThrow(message);
});

test("an environment without a second region cannot move", () => {
  const dev = named("dev");
  expect(() => moved(dev, "dev:us-west1")).toThrow("MOVE: dev has no recoveryRegion");
});

test("the stacks in the other region name nothing in the lost one", () => {
  const { plan } = synthesize(
    validated([{ ...moved(prod, "prod:us-west1"), projectId: "your-new-project" }]),
  );
  // Locations, replicas, keys, buckets of two regions, settings of the DAGs.
  for (const stack of ["prod", "bootstrap"]) {
    const text = JSON.stringify(plan(stack).json);
    expect([stack, text.match(new RegExp(`.{0,80}${prod.region}.{0,20}`, "gi"))]).toEqual([stack, null]);
  }
  expect(plan("prod").only("google_composer_environment").region).toBe("us-east1");
  expect(plan("prod").named("google_storage_bucket", "-data").name).toBe("your-new-project-data");
  const replicas = plan("prod")
    .all("google_sql_database_instance")
    .filter((one) => one.master_instance_name !== undefined);
  expect(replicas.map((one) => one.region)).toEqual(["us-west1"]);
  const placed = [...plan("prod").resources.values()]
    .map((item) => item.location ?? item.region)
    .filter((place) => typeof place === "string")
    .map((place) => place.toLowerCase())
    .filter((place) => !place.startsWith("${"));
  expect([...new Set(placed)].sort()).toEqual(["us", "us-east1", "us-west1"]);
  const datasets = plan("prod").all("google_bigquery_dataset");
  expect(Object.fromEntries(datasets.map(({ dataset_id, location }) => [dataset_id, location]))).toEqual({
    sales_analytics_prod: "us-east1",
    sales_audit_prod: "us-east1",
    sales_recovery_prod: "us-west1",
    sales_stream_prod: "us-east1",
  });
  expect(placed.filter((place) => place === "us-east1").length).toBeGreaterThan(40);
});

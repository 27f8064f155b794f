import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { environments } from "../../environments";
import { synthesizedStacks } from "../infra/support/synthesized-stacks";

const ROOT = join(__dirname, "../..");

const group = (count: number, type: string | undefined, disk: string, gb: number) => ({
  num_instances: count,
  ...(type !== undefined && { machine_type: type }),
  disk_config: { boot_disk_type: disk, boot_disk_size_gb: gb },
});

/** A stack with one master of 4 CPUs, two to three workers of 8 and at most two spot workers of the same type. */
const RESOURCES = {
  google_dataproc_cluster: {
    c: {
      name: "sales-x-spark",
      region: "us-central1",
      cluster_config: {
        master_config: group(1, "e2-standard-4", "pd-standard", 50),
        worker_config: group(2, "n2-highmem-8", "pd-balanced", 100),
        preemptible_worker_config: group(0, undefined, "pd-balanced", 100),
      },
    },
  },
  google_dataproc_autoscaling_policy: {
    p: { worker_config: { max_instances: 3 }, secondary_worker_config: { max_instances: 2 } },
  },
  google_compute_router_nat: { n: {} },
};

/** Runs the check against these quotas of region and project; `exists`: the cluster is there. */
function check(
  region: readonly (readonly [string, number, number])[],
  exists = false,
  all: [number, number] = [64, 0],
) {
  const program = `
    import { check, needs } from "./scripts/deploy/preflight/quotas.mjs";
    const all = ${JSON.stringify(RESOURCES)};
    const resources = (type) => Object.entries(all[type] ?? {}).map(([id, item]) => [type + "." + id, item]);
    const list = (quotas) => JSON.stringify({ quotas: quotas.map(([metric, limit, usage]) => ({ metric, limit, usage })) });
    const cloud = { ask: (service, kind) => kind === "regions" ? list(${JSON.stringify(region)})
      : kind === "project-info" ? list([["CPUS_ALL_REGIONS", ${all.join()}]]) : ${exists ? '"there"' : "undefined"} };
    console.log(JSON.stringify(needs({ resources })));
    try { check({ projects: ["acme"], resources }, cloud); } catch (error) { console.error("error: " + error.message); }`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
    cwd: ROOT,
    encoding: "utf8",
  });
  return {
    needs: JSON.parse(stdout) as Record<string, unknown>,
    lines: stderr.trim().split("\n").filter(Boolean),
  };
}

test("a plan needs this at its least and at its most, by hand", () => {
  expect(check([]).needs).toEqual({
    region: "us-central1",
    cluster: "sales-x-spark",
    // 1 x 4 and 2 x 8 CPUs; 1 x 50 GB and 2 x 100 GB; three machines and the NAT's address.
    least: {
      CPUS: 4,
      N2_CPUS: 16,
      CPUS_ALL_REGIONS: 20,
      DISKS_TOTAL_GB: 50,
      SSD_TOTAL_GB: 200,
      INSTANCES: 3,
      IN_USE_ADDRESSES: 1,
    },
    // Three workers and two spot workers of 8 CPUs and 100 GB each.
    most: {
      CPUS: 4,
      N2_CPUS: 40,
      CPUS_ALL_REGIONS: 44,
      DISKS_TOTAL_GB: 50,
      SSD_TOTAL_GB: 500,
      INSTANCES: 6,
      IN_USE_ADDRESSES: 1,
    },
  });
});

test("what the quotas cannot hold at the least is refused, one line for each quota by its name", () => {
  const { lines } = check(
    [
      ["N2_CPUS", 24, 10],
      ["SSD_TOTAL_GB", 250, 100],
      ["DISKS_TOTAL_GB", 4096, 0],
    ],
    false,
    [16, 0],
  );
  expect(lines.sort()).toEqual([
    expect.stringMatching(
      /^error: quota CPUS_ALL_REGIONS of the project: 20 needed, 16 of 16 free: request more at /,
    ),
    expect.stringMatching(/^error: quota N2_CPUS of us-central1: 16 needed, 14 of 24 free: /),
    expect.stringMatching(/^error: quota SSD_TOTAL_GB of us-central1: 200 needed, 150 of 250 free: /),
  ]);
});

test("what they cannot hold at the most is a warning", () => {
  const { lines } = check([
    ["N2_CPUS", 24, 0],
    ["SSD_TOTAL_GB", 500, 0],
  ]);
  expect(lines).toEqual([
    expect.stringMatching(
      /^warning: with every worker that the autoscaler may add: quota N2_CPUS of us-central1: 40 needed, 24 of 24 free: /,
    ),
  ]);
});

test("the usage of a cluster that is there does not count against itself", () => {
  const full: readonly (readonly [string, number, number])[] = [["N2_CPUS", 40, 16]];
  expect(check(full, true).lines).toEqual([]);
  expect(check(full, false).lines).toHaveLength(1);
});

test("quotas that cannot be read are said not to be checked", () => {
  const program = `
    import { check } from "./scripts/deploy/preflight/quotas.mjs";
    const all = ${JSON.stringify(RESOURCES)};
    check({ projects: ["acme"], resources: (type) => Object.entries(all[type] ?? {}) }, { ask: () => undefined });`;
  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
    cwd: ROOT,
    encoding: "utf8",
  });
  expect(status).toBe(0);
  expect(stderr).toContain("quotas of project acme are not checked");
});

test("the table of the first deployment is what the stacks take", () => {
  const { outdir } = synthesizedStacks();
  const program = `
    import { readStack } from "./scripts/deploy/stack.mjs";
    import { needs } from "./scripts/deploy/preflight/quotas.mjs";
    for (const folder of process.argv.slice(1)) console.log(JSON.stringify(needs(readStack(folder))));`;
  const names = environments.map(({ name }) => name);
  const { stdout } = spawnSync(
    process.execPath,
    ["--input-type=module", "-e", program, ...names.map((name) => join(outdir, "stacks", name))],
    { cwd: ROOT, encoding: "utf8" },
  );
  const rows = stdout
    .trim()
    .split("\n")
    .map((line, index) => {
      const { least, most } = JSON.parse(line) as Record<"least" | "most", Record<string, number>>;
      const processors = Object.keys(least).find((quota) => /^([A-Z0-9]+_)?CPUS$/.test(quota)) ?? "";
      const values = [processors, "SSD_TOTAL_GB", "INSTANCES"].flatMap((quota) => [
        least[quota],
        most[quota],
      ]);
      return [names[index], `\`${processors}\``, ...values.map(String)];
    });
  const page = readFileSync(join(ROOT, "docs/runbooks/first-deployment.md"), "utf8");
  const table = page.split("\n").filter((line) => /^ +\| \w+ +\| `\w*CPUS`/.test(line));
  expect(
    table.map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    ),
  ).toEqual(rows);
});

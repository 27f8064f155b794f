import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = mkdtempSync(join(tmpdir(), "state-"));

function terraform(...args: readonly string[]): { code: number | null; text: string } {
  const done = spawnSync("terraform", args, {
    cwd: folder,
    encoding: "utf8",
    timeout: 60_000,
    env: { ...process.env, CHECKPOINT_DISABLE: "1", TF_IN_AUTOMATION: "1", TF_CLI_ARGS: "-no-color" },
  });
  return { code: done.status, text: `${done.stdout}${done.stderr}` };
}

/** A configuration of the one resource that terraform has built in, so that no provider is needed. */
const declare = (...names: readonly string[]): void => {
  const resources = Object.fromEntries(names.map((name) => [name, { input: name }]));
  writeFileSync(
    join(folder, "main.tf.json"),
    JSON.stringify({
      terraform: { backend: { local: { path: "state.json" } } },
      resource: { terraform_data: resources },
    }),
  );
};
const state = () =>
  JSON.parse(readFileSync(join(folder, "state.json"), "utf8")) as {
    serial: number;
    lineage: string;
    resources: { name: string }[];
  };
const apply = () => terraform("apply", "-auto-approve", "-input=false");
const plan = () => terraform("plan", "-input=false", "-detailed-exitcode");

const there = terraform("version").code === 0;
const proven = there ? test : test.skip;

proven(
  `an older version of the state can be restored, and its plan creates what it does not contain${there ? "" : " (skipped: there is no terraform binary)"}`,
  () => {
    declare("first");
    expect(terraform("init", "-input=false")).toMatchObject({ code: 0 });
    expect(apply()).toMatchObject({ code: 0 });
    const older = readFileSync(join(folder, "state.json"), "utf8");

    declare("first", "second");
    expect(apply()).toMatchObject({ code: 0 });
    expect(plan()).toMatchObject({ code: 0 });
    const newest = state();
    expect(newest.resources.map(({ name }) => name).sort()).toEqual(["first", "second"]);

    // The older version has a lower serial: without -force, terraform refuses it as a mistake.
    const saved = join(folder, "older.json");
    writeFileSync(saved, older);
    expect(terraform("state", "push", saved).code).not.toBe(0);
    expect(state()).toEqual(newest);
    expect(terraform("state", "push", "-force", saved)).toMatchObject({ code: 0 });

    expect(state().lineage).toBe(newest.lineage);
    expect(state().resources.map(({ name }) => name)).toEqual(["first"]);
    const planned = plan();
    expect(planned.code).toBe(2);
    expect(planned.text).toContain("terraform_data.second will be created");
    expect(planned.text).toContain("1 to add, 0 to change, 0 to destroy");
  },
  120_000,
);

import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { environments } from "../../environments";
import { synthesizedStacks } from "./support/synthesized-stacks";

const { outdir } = synthesizedStacks();

function terraform(cwd: string, ...args: readonly string[]): { status: number | null; text: string } {
  const done = spawnSync("terraform", [...args, "-no-color"], {
    cwd,
    encoding: "utf8",
    timeout: 120_000,
    env: { ...process.env, CHECKPOINT_DISABLE: "1", TF_IN_AUTOMATION: "1" },
  });
  return { status: done.status, text: `${done.stdout}${done.stderr}` };
}

/** A copy of a stack with its state in a local file instead of the bucket. */
function local(stack: string): string {
  const folder = mkdtempSync(join(tmpdir(), "terraform-"));
  cpSync(join(outdir, "stacks", stack), folder, { recursive: true });
  const file = join(folder, "cdk.tf.json");
  const json = JSON.parse(readFileSync(file, "utf8")) as { terraform: Record<string, unknown> };
  const { backend: _bucket, ...rest } = json.terraform;
  writeFileSync(file, JSON.stringify({ ...json, terraform: rest }));
  return folder;
}

/** Why `terraform validate` cannot run here; undefined where it can. */
function obstacle(): string | undefined {
  if (terraform(outdir, "version").status !== 0) return "there is no terraform binary";
  if (terraform(local("dev"), "init", "-input=false").status !== 0)
    return "the google provider cannot be installed: set TF_CLI_CONFIG_FILE to a mirror that holds 6.50.0";
  return undefined;
}

const reason = obstacle();
/** The CI service sets it: a check that cannot run there is a failure. */
const required = process.env.SALES_REQUIRE_TERRAFORM === "1";
const validated = reason === undefined || required ? test : test.skip;

validated.each([...environments.map(({ name }) => name), "bootstrap"])(
  `terraform validates %s${reason === undefined ? "" : ` (${required ? "" : "skipped: "}${reason})`}`,
  (stack) => {
    const folder = local(stack);
    expect(terraform(folder, "init", "-input=false")).toMatchObject({ status: 0 });
    expect(terraform(folder, "validate")).toMatchObject({
      status: 0,
      text: expect.stringContaining("The configuration is valid") as string,
    });
  },
  120_000,
);

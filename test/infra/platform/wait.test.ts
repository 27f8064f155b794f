import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { at } from "../support/fixture";
import { synthesizedStacks } from "../support/synthesized-stacks";

const { plan } = synthesizedStacks();

/** Runs a pause's script with stand-ins for curl, gcloud and sleep on PATH, which write their arguments into a log. */
function run(stack: string, pause: RegExp, curlCode: number, env: Record<string, string>) {
  const address = [...plan(stack).resources.keys()].find((one) => pause.test(one)) ?? "";
  const script = String(at(plan(stack).resources.get(address), "provisioner.local-exec.command"));
  const folder = mkdtempSync(join(tmpdir(), "pause-"));
  const log = join(folder, "log");
  const input = join(folder, "input");
  const tool = (name: string, body: string): void => {
    writeFileSync(join(folder, name), `#!/bin/sh\necho "${name} $*" >> ${log}\n${body}\n`);
    chmodSync(join(folder, name), 0o755);
  };
  tool("curl", `cat >> ${input}; exit ${curlCode}`);
  tool("gcloud", "echo token-of-gcloud");
  tool("sleep", "");
  for (const name of ["sh", "cat"]) symlinkSync(join("/bin", name), join(folder, name));
  const { status, stderr } = spawnSync("/bin/sh", ["-c", script], {
    encoding: "utf8",
    env: { PATH: folder, ...env },
  });
  return {
    status,
    stderr,
    lines: readFileSync(log, "utf8").trim().split("\n"),
    input: readFileSync(input, "utf8"),
  };
}

const asked = (lines: readonly string[]): string[] =>
  lines.filter((line) => line.startsWith("curl ")).map((line) => line.split(" ").at(-1) ?? "");

test("the first pause of bootstrap enables the API that the provider reads a project through", () => {
  const { status, lines, input } = run("bootstrap", /^terraform_data\.dev_apis_first_/, 0, {
    GOOGLE_OAUTH_ACCESS_TOKEN: "token-of-environment",
  });
  expect(status).toBe(0);
  expect(asked(lines)).toEqual([
    `https://serviceusage.googleapis.com/v1/projects/${projectOf("dev")}/services/cloudresourcemanager.googleapis.com:enable`,
  ]);
  expect(lines.at(-1)).toBe("sleep 90");
  expect(input).toBe('header = "Authorization: Bearer token-of-environment"\n');
  // No argument shows the token, and gcloud is not needed with one.
  expect(lines.join()).not.toContain("token-of");
  expect(lines.join()).not.toContain("gcloud");
});

test("every enabling in bootstrap waits for it", () => {
  const services = [...plan("bootstrap").resources].filter(([one]) =>
    one.startsWith("google_project_service.dev_"),
  );
  expect(services.length).toBeGreaterThan(5);
  for (const [, item] of services)
    expect(item.depends_on).toEqual([expect.stringMatching(/^terraform_data\.dev_apis_first_/)]);
});

test("an environment's pause asks for each agent with the user's credentials, and goes on without one", () => {
  const { status, stderr, lines, input } = run("dev", /^terraform_data\.apis_ready_/, 22, {});
  expect(status).toBe(0);
  expect(asked(lines)).toEqual([
    ...["artifactregistry", "composer", "container", "dataproc", "pubsub", "secretmanager", "sqladmin"].map(
      (api) =>
        `https://serviceusage.googleapis.com/v1beta1/projects/${projectOf("dev")}/services/${api}.googleapis.com:generateServiceIdentity`,
    ),
    `https://bigquery.googleapis.com/bigquery/v2/projects/${projectOf("dev")}/serviceAccount`,
  ]);
  // Only the requests to Service Usage are POST.
  expect(lines.filter((line) => line.includes(" --data {} "))).toHaveLength(7);
  expect(stderr).toContain("services/pubsub.googleapis.com:generateServiceIdentity: see docs/");
  expect(input).toBe('header = "Authorization: Bearer token-of-gcloud"\n'.repeat(8));
  expect(lines.at(-1)).toBe("sleep 90");
});

function projectOf(stack: string): string {
  return (plan(stack).json.provider as { google: { project: string }[] }).google[0]?.project ?? "";
}

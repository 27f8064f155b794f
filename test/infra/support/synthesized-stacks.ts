import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { environments } from "../../../environments";
import { readSynthesized, Synthesized } from "./fixture";

const ROOT = join(__dirname, "../../..");
const PROGRAM = join(__dirname, "synthesize-to-folder.ts");
/** File beside the stacks: the notices as JSON. Written last. */
export const NOTICES_FILE = "notices.json";

/** Everything that decides the output. */
const SOURCES = [
  "constructs",
  "environments",
  "stacks",
  "test/infra",
  "pyspark-jobs/sales_job",
  "package-lock.json",
];

function sourceHash(): string {
  const hash = createHash("sha256").update(JSON.stringify([environments, process.version]));
  for (const source of SOURCES) {
    const files = source.includes(".")
      ? [source]
      : readdirSync(join(ROOT, source), { recursive: true, encoding: "utf8" })
          .filter((name) => /(?<!\.test)\.(ts|json|sql)$/.test(name))
          .map((name) => join(source, name))
          .sort();
    for (const file of files) hash.update(`\0${file}\0`).update(readFileSync(join(ROOT, file)));
  }
  return hash.digest("hex").slice(0, 16);
}

/**
 * The stacks of all environments as the repository declares them. They are synthesized once by a program of their own
 * and kept for as long as no source changes: loading constructs and provider in every test file takes much longer than
 * reading their output.
 */
export function synthesizedStacks(): Synthesized {
  const folder = join(tmpdir(), `synthesized-stacks-${sourceHash()}`);
  if (!existsSync(folder)) {
    const made = mkdtempSync(`${folder}-`);
    const { status, stderr } = spawnSync(
      process.execPath,
      ["-r", "ts-node/register/transpile-only", PROGRAM, made],
      { cwd: ROOT, encoding: "utf8" },
    );
    if (status !== 0) throw new Error(stderr);
    try {
      renameSync(made, folder);
    } catch {
      // Another test file was faster.
      rmSync(made, { recursive: true });
    }
  }
  return readSynthesized(folder, JSON.parse(readFileSync(join(folder, NOTICES_FILE), "utf8")) as string[]);
}

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Estimate, estimate } from "./estimate";
import { StackJson } from "./synthesized-stack";

interface Manifest {
  readonly stacks: Readonly<Record<string, { readonly synthesizedStackPath: string }>>;
}

/**
 * Estimates every stack of the last synthesis, the cheapest first: the order in which they are deployed.
 *
 * @param out what CDK for Terraform writes, `cdktf.out`; a folder that is not there gives no estimate
 * @throws SyntaxError when a file is no JSON, Error for a schedule that is not the same every week
 */
export function readEstimates(out: string): Estimate[] {
  // Folders of stacks that are no more stay: the manifest has those that are.
  const manifest = join(out, "manifest.json");
  if (!existsSync(manifest)) return [];
  const { stacks } = JSON.parse(readFileSync(manifest, "utf8")) as Manifest;
  return Object.entries(stacks)
    .map(([stack, { synthesizedStackPath }]) =>
      estimate(stack, JSON.parse(readFileSync(join(out, synthesizedStackPath), "utf8")) as StackJson),
    )
    .sort((a, b) => a.usd - b.usd);
}

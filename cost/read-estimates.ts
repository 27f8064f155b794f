import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Estimate, estimate } from "./estimate";
import { StackJson } from "./synthesized-stack";

interface Manifest {
  readonly stacks: Readonly<Record<string, { readonly synthesizedStackPath: string }>>;
}

/**
 * Estimates every stack of the last synthesis, cheapest first.
 *
 * @param out output folder of CDK for Terraform, `cdktf.out`; if it does not exist, the result is empty
 * @throws SyntaxError when a file is not JSON
 */
export function readEstimates(out: string): Estimate[] {
  // Folders of removed stacks stay behind; only the manifest lists the current stacks.
  const manifest = join(out, "manifest.json");
  if (!existsSync(manifest)) return [];
  const { stacks } = JSON.parse(readFileSync(manifest, "utf8")) as Manifest;
  return Object.entries(stacks)
    .map(([stack, { synthesizedStackPath }]) =>
      estimate(stack, JSON.parse(readFileSync(join(out, synthesizedStackPath), "utf8")) as StackJson),
    )
    .sort((a, b) => a.usd - b.usd);
}

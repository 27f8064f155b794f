import { spawnSync, SpawnSyncReturns } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { copiedCheckout } from "../ops/copied-checkout";

const ROOT = join(__dirname, "../..");

/** A copy of the checkout on which a how-to is followed. */
export class Checkout {
  readonly folder = copiedCheckout("how-to-", true);

  constructor() {
    // PostgreSQL, which does not run as root, looks for its programs below this folder.
    chmodSync(this.folder, 0o755);
  }

  read(file: string): string {
    return readFileSync(join(this.folder, file), "utf8");
  }

  /** JSON of a stack that was synthesized in the copy. */
  stack(environment: string): { resource: Record<string, Record<string, Record<string, unknown>>> } {
    return JSON.parse(this.read(`cdktf.out/stacks/${environment}/cdk.tf.json`)) as ReturnType<
      Checkout["stack"]
    >;
  }

  /** Runs a program of Node in the copy. */
  node(...args: string[]): SpawnSyncReturns<string> {
    return this.nodeWith({}, ...args);
  }

  /** As `node`, with these environment variables too. */
  nodeWith(variables: Readonly<Record<string, string>>, ...args: string[]): SpawnSyncReturns<string> {
    return spawnSync(process.execPath, args, {
      cwd: this.folder,
      encoding: "utf8",
      env: { ...process.env, CHECKPOINT_DISABLE: "1", ...variables },
    });
  }

  /**
   * Does what a page says: writes the files of its blocks, and applies its differences to files that exist.
   * @param page - in docs/how-to
   * @returns the files that it wrote or changed
   * @throws when a difference does not fit, or fits twice
   */
  follow(page: string): string[] {
    const text = readFileSync(join(ROOT, "docs/how-to", page), "utf8");
    const blocks = [...text.matchAll(/^```(\w+) title="([^"]+)"\n(.*?)^```$/gms)];
    if (blocks.length === 0) throw new Error(`${page} has no block with a title`);
    for (const [, language, file = "", content = ""] of blocks) {
      if (language === "diff") this.change(file, content);
      else {
        mkdirSync(dirname(join(this.folder, file)), { recursive: true });
        writeFileSync(join(this.folder, file), content);
      }
    }
    return [...new Set(blocks.map(([, , file = ""]) => file))];
  }

  /** Applies a difference; its parts are separated by lines of `@@`. */
  private change(file: string, difference: string): void {
    for (const part of difference.split(/^@@\n/m)) {
      const lines = part.replace(/\n$/, "").split("\n");
      const side = (sign: string): string =>
        lines
          .filter((line) => line.startsWith(" ") || line.startsWith(sign))
          .map((line) => line.slice(1))
          .join("\n");
      const before = this.read(file);
      const found = before.split(side("-")).length - 1;
      if (found !== 1) throw new Error(`${file} has ${found} times:\n${side("-")}`);
      writeFileSync(
        join(this.folder, file),
        before.replace(side("-"), () => side("+")),
      );
    }
  }
}

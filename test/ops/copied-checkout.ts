import { cpSync, mkdtempSync, readdirSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(__dirname, "../..");
/** What set-up installs: a copy uses the originals. `dist` is copied, because a synth in the copy writes there. */
const INSTALLED = ["node_modules", ".venv", "jars"];
const LEFT_OUT = [".git", "cdktf.out", "out"];

/**
 * A copy of the checkout that a test may change.
 *
 * @param prefix - how the copy's folder in the temporary folder begins
 * @param setUp - whether the copy knows what set-up has made already
 * @returns the copy's folder
 */
export function copiedCheckout(prefix: string, setUp: boolean): string {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  for (const name of readdirSync(ROOT)) {
    if (INSTALLED.includes(name) || (setUp && name === ".setup"))
      symlinkSync(join(ROOT, name), join(folder, name));
    else if (![...LEFT_OUT, ".setup"].includes(name))
      cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  }
  return folder;
}

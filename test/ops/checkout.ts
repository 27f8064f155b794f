import { cpSync, mkdtempSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(__dirname, "../..");
/** Made by set-up: the copy uses the originals. */
const INSTALLED = ["node_modules", ".venv", "dist", "jars"];
const LEFT_OUT = [".git", ".setup", "cdktf.out", "out"];

/**
 * A copy of the checkout with one more environment, made as environments/README.md says.
 *
 * @param settings TypeScript object with the new environment's settings; `dev` and `prod` can be used in it
 */
export function checkoutWith(name: string, settings: string): string {
  const folder = mkdtempSync(join(tmpdir(), "checkout-"));
  for (const entry of readdirSync(ROOT)) {
    if (INSTALLED.includes(entry)) symlinkSync(join(ROOT, entry), join(folder, entry));
    else if (!LEFT_OUT.includes(entry)) cpSync(join(ROOT, entry), join(folder, entry), { recursive: true });
  }
  const base = settings.includes("...prod") ? "prod" : "dev";
  writeFileSync(
    join(folder, `environments/${name}.ts`),
    `import { ${base} } from "./${base}";
import { Environment } from "./environment";

export const ${name}: Environment = ${settings};
`,
  );
  const index = join(folder, "environments/index.ts");
  const list = readFileSync(index, "utf8").replace("prod])", `prod, ${name}])`);
  writeFileSync(index, `import { ${name} } from "./${name}";\n${list}`);
  return folder;
}

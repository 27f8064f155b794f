import { cpSync, mkdtempSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(__dirname, "../..");
/** What set-up makes: the copy uses it where it is. */
const INSTALLED = ["node_modules", ".venv", "dist", "jars"];
const LEFT_OUT = [".git", ".setup", "cdktf.out", "out", "test"];

/** A copy of the checkout with a fourth environment, `demo`, made as environments/index.ts says. */
export function checkoutWithDemo(): string {
  const folder = mkdtempSync(join(tmpdir(), "checkout-"));
  for (const name of readdirSync(ROOT)) {
    if (INSTALLED.includes(name)) symlinkSync(join(ROOT, name), join(folder, name));
    else if (!LEFT_OUT.includes(name)) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  }
  const index = join(folder, "environments/index.ts");
  writeFileSync(
    join(folder, "environments/demo.ts"),
    `import { dev } from "./dev";
export const demo = { ...dev, name: "demo", projectId: "sales-analytics-demo" };
`,
  );
  writeFileSync(
    index,
    `import { demo } from "./demo";\n${readFileSync(index, "utf8").replace("validated([dev,", "validated([demo, dev,")}`,
  );
  return folder;
}

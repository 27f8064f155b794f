import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { copiedCheckout } from "./copied-checkout";

/**
 * A copy of the checkout with one more environment, made as environments/README.md says.
 *
 * @param settings TypeScript object with the new environment's settings; `dev` and `prod` can be used in it
 */
export function checkoutWith(name: string, settings: string): string {
  const folder = copiedCheckout("checkout-", false);
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

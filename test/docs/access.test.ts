import { readFileSync } from "node:fs";
import { join } from "node:path";
import { accessTable } from "../../scripts/docs/access-table";
import { environments } from "../../environments";
import { synthesize } from "../infra/fixture";

test("docs/platform/access.md says what prod's plan grants: `npm run docs` writes it", () => {
  const made = accessTable(synthesize(environments).plan("prod").resources);
  expect(readFileSync(join(__dirname, "../../docs/platform/access.md"), "utf8")).toBe(made);
});

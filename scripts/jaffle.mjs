// `npm run jaffle -- --out DIR [--years N]`: a lake of data that this project did not write, made by the generator jafgen.
import { mkdirSync, rmSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { UserError, main, parseOptions, userFolder } from "./lib/cli.mjs";
import { root, run } from "./lib/process.mjs";
import { ensure, python } from "./setup/parts.mjs";

await main(async (args) => {
  const { out, years } = parseOptions(args, { out: {}, years: { default: "1" } }, "--out DIR [--years N]");
  if (!/^[1-9]\d?$/.test(years))
    throw new UserError(`--years '${years}' is not a whole number from 1 to 99`, 2);
  await ensure("job");
  const cwd = userFolder();
  const folder = resolve(cwd, out);
  const [source, lake] = [join(folder, "source"), join(folder, "lake")];
  rmSync(source, { recursive: true, force: true });
  rmSync(lake, { recursive: true, force: true });
  mkdirSync(source, { recursive: true });
  const generated = await run(join(root, ".venv/job/bin/jafgen"), [years], { cwd: source });
  if (generated !== 0) return generated;
  const importer = join(root, "scripts/sample_data/import_jaffle_shop.py");
  const code = await run(python("job"), [importer, "--from", join(source, "jaffle-data"), "--lake", lake]);
  if (code === 0) {
    const show = (path) => relative(cwd, path);
    console.log(`Next: npm run etl -- --lake ${show(lake)} --warehouse ${show(join(folder, "warehouse"))}`);
  }
  return code;
});

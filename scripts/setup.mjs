// `npm run setup [-- PART ...]`: installs parts without running anything; all of them by default.
import { UserError, main } from "./lib/cli.mjs";
import { ensure, partNames } from "./setup/parts.mjs";

await main(async (names) => {
  const unknown = names.find((name) => !partNames.includes(name));
  if (unknown !== undefined)
    throw new UserError(`'${unknown}' is not a part of the set-up: the parts are ${partNames.join(", ")}`, 2);
  await ensure(...(names.length > 0 ? names : partNames));
});

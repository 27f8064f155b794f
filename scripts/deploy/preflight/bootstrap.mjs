// Bootstrap covers the environments whose project is named: one that is forgotten must not lose its state bucket.
import { UserError } from "../../lib/cli.mjs";

/** Refuses to remove an environment that bootstrap's state has. */
export function refuseRemoval({ state, resources }) {
  const environmentOf = (address) => /^google_storage_bucket\.(\w+?)_state_/.exec(address)?.[1];
  const planned = resources("google_storage_bucket").map(([address]) => environmentOf(address));
  const lines = [...state]
    .map(environmentOf)
    .filter((name) => name !== undefined && !planned.includes(name))
    .map(
      (name) =>
        `bootstrap has made ${name}, and this run would delete its state bucket: set SALES_${name.toUpperCase()}_PROJECT as well`,
    );
  if (lines.length > 0) throw new UserError(lines.join("\nerror: "));
}

// `npm run setup -- PART ...`: installs parts without running anything; all of them by default.
import { main } from "./lib/cli.mjs";
import { ensure } from "./setup/parts.mjs";

await main(async (names) =>
  ensure(
    ...(names.length > 0
      ? names
      : ["node", "job", "jars", "classes", "bundle", "airflow", "emulators", "connectors"]),
  ),
);

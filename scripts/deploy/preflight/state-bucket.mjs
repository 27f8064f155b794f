// The bucket that keeps an environment's state; bootstrap makes it.
import { UserError } from "../../lib/cli.mjs";

/** Refuses a bucket that is missing or keeps no versions. */
export function check({ stateBucket: bucket }, cloud) {
  if (bucket === undefined) return;
  const found = cloud.ask(
    "storage",
    "buckets",
    "describe",
    `gs://${bucket}`,
    "--format=value(versioning_enabled)",
  );
  if (found === undefined)
    throw new UserError(`state bucket ${bucket} is not there: run \`npm run deploy -- bootstrap\` first`);
  if (found !== "True")
    throw new UserError(
      `state bucket ${bucket} keeps no versions: run \`npm run deploy -- bootstrap\` to turn versioning on`,
    );
}

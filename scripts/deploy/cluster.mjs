// A cluster that is stopped between runs, and that a plan changes in place: Dataproc updates a running cluster alone.
import { UserError } from "../lib/cli.mjs";

const TYPE = "google_dataproc_cluster";

/** @returns {{ name: string, region: string, project: string }[]} the clusters that a plan changes in place */
function changedInPlace({ resource_changes: changes = [] }) {
  return changes
    .filter(({ type, change }) => type === TYPE && change.actions.join() === "update")
    .map(({ change }) => ({
      name: change.before.name,
      region: change.before.region,
      project: change.before.project,
    }));
}

/**
 * Starts the stopped clusters that a plan changes in place.
 * @param {object} shown the plan as JSON
 * @param {{ ask: (...args: string[]) => string | undefined }} cloud
 * @returns {() => void} stops them again
 */
export function startForChange(shown, cloud) {
  const clusters = (verb, { name, region, project }, ...more) =>
    cloud.ask("dataproc", "clusters", verb, name, `--region=${region}`, `--project=${project}`, ...more);
  const stopped = changedInPlace(shown).filter(
    (cluster) => clusters("describe", cluster, "--format=value(status.state)") === "STOPPED",
  );
  for (const cluster of stopped) {
    console.log(`${cluster.name} is stopped, and the plan changes it: it is started for that`);
    if (clusters("start", cluster) === undefined)
      throw new UserError(`${cluster.name} cannot be started; see \`gcloud dataproc clusters describe\``);
  }
  return () => {
    for (const cluster of stopped)
      // Secondary workers or a run keep it: the next run stops it.
      if (clusters("stop", cluster) === undefined)
        console.error(`${cluster.name} was started for the change and still runs: the next run stops it`);
  };
}

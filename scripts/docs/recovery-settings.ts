import { Environment } from "../../environments/environment";
import { table } from "./markdown";

/** Settings behind the recovery goals, as paths into an environment. */
const SETTINGS = [
  "stage",
  "recoveryRegion",
  "database.availability",
  "database.pointInTimeRecovery",
  "database.retainedBackups",
  "database.crossRegion",
  "database.restoreDrill",
  "lake.noncurrentDays",
  "lake.softDeleteDays",
  "lake.archiveRetentionDays",
  "warehouse.timeTravelHours",
  "warehouse.crossRegion",
  "orchestration.snapshots",
] as const;

function setting(environment: Environment, path: string): string {
  const value = path
    .split(".")
    .reduce<unknown>((item, key) => (item as Record<string, unknown> | undefined)?.[key], environment);
  // A time of the week, as { weekday, time }.
  const text = typeof value === "object" && value !== null ? Object.values(value).join(" ") : value;
  return String((text as string | number | boolean | undefined) ?? "none");
}

/** The settings behind the recovery goals, of every environment, as Markdown. */
export function recoverySettings(environments: readonly Environment[]): string {
  return table([
    ["setting", ...environments.map(({ name }) => name)],
    ...SETTINGS.map((path) => [`\`${path}\``, ...environments.map((one) => setting(one, path))]),
  ]);
}

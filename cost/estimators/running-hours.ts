import { CLUSTER_HOURS_PER_DAY, DAYS_PER_MONTH, HOURS_PER_MONTH } from "../assumptions";
import { NotEstimated, Resource, block, text } from "../synthesized-stack";

/** Cron expressions as environments/office-hours.ts makes them. */
const SCHEDULE = /^(\d+) (\d+) \* \* (\*|1-5)$/;

/** Reads a schedule: hour of the day, and days of the week. */
function parse(schedule: string): { hour: number; days: number } {
  const [, minute, hour, days] = SCHEDULE.exec(schedule) ?? [];
  if (minute === undefined)
    throw new NotEstimated(`schedule '${schedule}' is not '<minute> <hour> * * <* or 1-5>'`);
  return { hour: Number(hour) + Number(minute) / 60, days: days === "*" ? 7 : 5 };
}

/**
 * Hours a month between a start and a stop on the same day.
 *
 * @throws NotEstimated for other schedules
 */
export function openHours(start: string, stop: string): number {
  const [from, until] = [parse(start), parse(stop)];
  if (from.days !== until.days || from.hour >= until.hour)
    throw new NotEstimated(`schedules '${start}' and '${stop}' are not a start and a stop on the same day`);
  return (((until.hour - from.hour) * from.days) / (7 * 24)) * HOURS_PER_MONTH;
}

/** Hours a month in which a database runs, by the stack's schedules; all hours if it has none. */
export function runningHours(all: readonly Resource[], name: string): number {
  const schedule = (meant: (uri: string, body: string) => boolean): string | undefined => {
    const job = all.find(({ type, attributes }) => {
      const target = block(attributes.http_target);
      const body = Buffer.from(text(target.body), "base64").toString();
      return type === "google_cloud_scheduler_job" && meant(text(target.uri), body);
    });
    return job && text(job.attributes.schedule);
  };
  const instance = (uri: string): boolean => uri.endsWith(`/instances/${name}`);
  const start = schedule((uri, body) => instance(uri) && body.includes('"ALWAYS"'));
  const stop = schedule((uri, body) => instance(uri) && body.includes('"NEVER"'));
  return start === undefined || stop === undefined ? HOURS_PER_MONTH : openHours(start, stop);
}

/** Hours a month in which the stack's cluster runs: all of them where it stands, else those of the daily runs. */
export function clusterHours(all: readonly Resource[]): number {
  const stands = all.some(({ type, attributes }) => {
    const software = block(block(attributes.config).software_config);
    return (
      type === "google_composer_environment" && block(software.env_variables).CLUSTER_STANDING !== undefined
    );
  });
  return stands ? HOURS_PER_MONTH : CLUSTER_HOURS_PER_DAY * DAYS_PER_MONTH;
}

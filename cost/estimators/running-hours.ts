import { HOURS_PER_MONTH } from "../assumptions";
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

/** Hours a month in which a cluster or a database runs, by the stack's schedules; all hours if it has none. */
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
  const start = schedule(
    (uri, body) => uri.endsWith(`/clusters/${name}:start`) || (instance(uri) && body.includes('"ALWAYS"')),
  );
  const stop = schedule(
    (uri, body) => uri.endsWith(`/clusters/${name}:stop`) || (instance(uri) && body.includes('"NEVER"')),
  );
  return start === undefined || stop === undefined ? HOURS_PER_MONTH : openHours(start, stop);
}

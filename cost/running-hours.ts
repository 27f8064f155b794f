import { minutesOfWeek } from "../environments/office-hours";
import { HOURS_PER_MONTH } from "./assumptions";
import { Resource, block, text } from "./synthesized-stack";

const WEEK = 7 * 24 * 60;

/** Hours a month between openings and closings; each opening holds until the next closing. */
export function openHours(open: string, close: string): number {
  const closings = minutesOfWeek(close);
  const openings = minutesOfWeek(open).sort((a, b) => a - b);
  let minutes = 0;
  openings.forEach((start, index) => {
    const next = openings[index + 1] ?? (openings[0] ?? 0) + WEEK;
    const until = Math.min(...closings.map((end) => (end > start ? end : end + WEEK)));
    // Opened twice without a closing between: the second opening goes on with it.
    minutes += Math.min(until, next) - start;
  });
  return (minutes / WEEK) * HOURS_PER_MONTH;
}

/** Hours a month in which a cluster or a database runs, by the stack's schedules; always without them. */
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
  const open = schedule(
    (uri, body) => uri.endsWith(`/clusters/${name}:start`) || (instance(uri) && body.includes('"ALWAYS"')),
  );
  const close = schedule(
    (uri, body) => uri.endsWith(`/clusters/${name}:stop`) || (instance(uri) && body.includes('"NEVER"')),
  );
  return open === undefined || close === undefined ? HOURS_PER_MONTH : openHours(open, close);
}

import type { DatabaseSettings, OfficeHours } from "./environment";
import { WEEKDAYS } from "./schema/data";

export type RestoreDrill = NonNullable<DatabaseSettings["restoreDrill"]>;

const cron = (time: string, days: string): string => {
  const [hour, minute] = time.split(":").map(Number);
  return `${minute} ${hour} * * ${days}`;
};

/** Cron expressions at which the database starts and stops, and their time zone. */
export function startAndStop({ open, close, days, timeZone }: OfficeHours) {
  const week = days === "daily" ? "*" : "1-5";
  return { start: cron(open, week), stop: cron(close, week), timeZone };
}

/** Cron expression of the restore drill, in UTC. */
export const drillSchedule = ({ weekday, time }: RestoreDrill): string =>
  cron(time, String(WEEKDAYS.indexOf(weekday)));

/** Weekday (Sunday is 0) and time of day (HH:MM) of a moment in a time zone. */
function local(moment: number, timeZone: string): { weekday: number; time: string } {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone,
    weekday: "long",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatToParts(moment);
  const part = (type: string): string => parts.find((item) => item.type === type)?.value ?? "";
  const weekday = (WEEKDAYS as readonly string[]).indexOf(part("weekday").toLowerCase());
  return { weekday, time: `${part("hour")}:${part("minute")}` };
}

/** Sundays with and without daylight saving time, in both hemispheres. */
const SUNDAYS = [Date.UTC(2027, 0, 3), Date.UTC(2027, 6, 4)];

/** Whether the drill always starts inside office hours, in winter and in summer. */
export function isOpen(hours: OfficeHours, drill: RestoreDrill): boolean {
  const [hour = 0, minute = 0] = drill.time.split(":").map(Number);
  const minutes = (WEEKDAYS.indexOf(drill.weekday) * 24 + hour) * 60 + minute;
  return SUNDAYS.every((sunday) => {
    const { weekday, time } = local(sunday + minutes * 60_000, hours.timeZone);
    const openDay = hours.days === "daily" || (weekday >= 1 && weekday <= 5);
    return openDay && hours.open <= time && time < hours.close;
  });
}

import { OfficeHours } from "./environment";

const DAY = 24 * 60;
const WEEK = 7 * DAY;

/** Minutes of a week, from Sunday 00:00, at which a cron expression fires. Only whole days of the week differ here. */
export function minutesOfWeek(cron: string): number[] {
  const [minute, hour, day, month, weekday, ...rest] = cron.trim().split(/\s+/);
  const simple = /^\d+$/;
  if (
    !simple.test(minute ?? "") ||
    !simple.test(hour ?? "") ||
    day !== "*" ||
    month !== "*" ||
    rest.length > 0
  )
    throw new Error(`schedule '${cron}': expected '<minute> <hour> * * <days of the week>'`);
  return weekdays(weekday ?? "", cron).map((at) => at * DAY + Number(hour) * 60 + Number(minute));
}

function weekdays(field: string, cron: string): number[] {
  if (field === "*") return [0, 1, 2, 3, 4, 5, 6];
  const found = new Set<number>();
  for (const part of field.split(",")) {
    const [, first, last] = /^([0-7])(?:-([0-7]))?$/.exec(part) ?? [];
    if (first === undefined)
      throw new Error(`schedule '${cron}': days of the week are 0 to 7, as '1-5' or '1,3'`);
    for (let at = Number(first); at <= Number(last ?? first); at += 1) found.add(at % 7);
  }
  return [...found].sort();
}

/** Minutes until the next opening or closing, from a minute of the week on; itself counts as one week away. */
const until = (times: readonly number[], minute: number): number =>
  Math.min(...times.map((time) => ((time - minute + WEEK - 1) % WEEK) + 1));

/** Whether something that begins at a minute of the week (in the hours' own zone) finds everything open. */
function isOpen({ open, close }: OfficeHours, minute: number): boolean {
  // What comes next is a closing: so it is open now.
  return until(minutesOfWeek(close), minute) < until(minutesOfWeek(open), minute);
}

/** A moment as a minute of the week in a time zone. */
function minuteIn(timeZone: string, moment: number): number {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatToParts(moment);
  const part = (type: string): string => parts.find((item) => item.type === type)?.value ?? "";
  const day = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"].indexOf(part("weekday"));
  return day * DAY + Number(part("hour")) * 60 + Number(part("minute"));
}

/** Sundays, one with and one without daylight saving, on either half of the globe. */
const SUNDAYS = [Date.UTC(2027, 0, 3), Date.UTC(2027, 6, 4)];

/**
 * Whether everything is open whenever a schedule in UTC fires, winter and summer.
 *
 * @throws Error, in one line, for a schedule that is not the same every week, or a time zone that is none
 */
export function opensFor(hours: OfficeHours, cron: string): boolean {
  return minutesOfWeek(cron).every((minute) =>
    SUNDAYS.every((sunday) => isOpen(hours, minuteIn(hours.timeZone, sunday + minute * 60_000))),
  );
}

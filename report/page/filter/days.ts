const DAY = 86_400_000;

/** Days since 1970 of a day written yyyy-MM-dd. */
export const dayNumber = (day: string): number => Math.round(Date.parse(`${day}T00:00:00Z`) / DAY);

export const written = (number: number): string => new Date(number * DAY).toISOString().slice(0, 10);

/** Monday is 0; day 0 was a Thursday. */
export const weekday = (number: number): number => (((number + 3) % 7) + 7) % 7;

/** First day of the month that a day is in. */
export const monthStart = (number: number): number => dayNumber(`${written(number).slice(0, 7)}-01`);

/** Whether a day is the last of its month. */
export const endsMonth = (number: number): boolean => written(number + 1).endsWith("-01");

export const isDay = (text: string): boolean =>
  /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(dayNumber(text));

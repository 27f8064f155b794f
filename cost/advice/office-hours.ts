import { HOURS_PER_MONTH } from "../assumptions";
import { Adviser } from "./advice";
import { isEnough } from "./history";

/** An hour before the first run and after the last one. */
const MARGIN_HOURS = 1;

/** A database that runs nearly all day anyway. */
const MOST_HOURS_A_DAY = 18;

const hourOfDay = (time: Date): number => time.getUTCHours() + time.getUTCMinutes() / 60;

/** Office hours for a database that always runs, and that runs of the job need for a few hours of the day only. */
export const officeHours: Adviser = ({ environment, stage, database }, history) => {
  // Production is there when somebody needs it.
  if (stage === "production" || database.hours < HOURS_PER_MONTH || !isEnough(history)) return [];
  const first = Math.floor(Math.min(...history.runs.map((run) => hourOfDay(run.startedAt)))) - MARGIN_HOURS;
  const last = Math.ceil(Math.max(...history.runs.map((run) => hourOfDay(run.finishedAt)))) + MARGIN_HOURS;
  const overnight = history.runs.some(
    ({ startedAt, finishedAt }) => startedAt.getUTCDate() !== finishedAt.getUTCDate(),
  );
  const open = last - first;
  if (overnight || first < 0 || last > 24 || open > MOST_HOURS_A_DAY) return [];
  return [
    {
      change: `environments/${environment}.ts: officeHours from ${String(first)}:00 to ${String(last)}:00 UTC`,
      reason: `the database always runs, and every run of the job lies between ${String(first + MARGIN_HOURS)}:00 and ${String(last - MARGIN_HOURS)}:00 UTC`,
      usdPerMonth: ((24 - open) / 24) * HOURS_PER_MONTH * database.usdPerHour,
    },
  ];
};

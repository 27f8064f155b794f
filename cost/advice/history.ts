import { DAYS_PER_MONTH } from "../assumptions";

/** A run of the job, as `etl_runs` has it; times are UTC. */
export interface Run {
  readonly status: "done" | "refused" | "failed";
  readonly startedAt: Date;
  readonly finishedAt: Date;
  /** US dollars that its job cost, where `etl_runs` knows it. */
  readonly usd?: number;
}

/** How queries have read a table, beside the job's own. `full`: those that billed nine tenths of it at least. */
export interface TableUse {
  readonly table: string;
  readonly gib: number;
  readonly queries: number;
  readonly fullQueries: number;
  readonly fullTib: number;
}

/** What has happened in an environment. `tables` is missing where nobody knows how they are read: on a machine. */
export interface History {
  readonly runs: readonly Run[];
  readonly tables?: readonly TableUse[];
  /** Days that `tables` looks back. */
  readonly tableDays?: number;
}

const DAY = 86_400_000;
const HOUR = 3_600_000;

/** Less than this shows no habit. */
const LEAST_DAYS = 28;
const LEAST_RUNS = 20;

/** Days from the first run to the last one, both included. */
export function daysOf({ runs }: History): number {
  const days = runs.map(({ startedAt }) => Math.floor(startedAt.getTime() / DAY));
  return days.length === 0 ? 0 : Math.max(...days) - Math.min(...days) + 1;
}

/** Whether there are enough runs to say anything. */
export const isEnough = (history: History): boolean =>
  daysOf(history) >= LEAST_DAYS && history.runs.length >= LEAST_RUNS;

export const hoursOf = ({ startedAt, finishedAt }: Run): number =>
  (finishedAt.getTime() - startedAt.getTime()) / HOUR;

/** Hours that 95 of 100 runs need at most. */
export function usualHours({ runs }: History): number {
  const hours = runs.map(hoursOf).sort((a, b) => a - b);
  return hours[Math.ceil(hours.length * 0.95) - 1] ?? 0;
}

/** What the jobs of the runs cost together, and how many say so; undefined where none does. */
export function costOf({ runs }: History): { readonly runs: number; readonly usd: number } | undefined {
  const known = runs.flatMap(({ usd }) => (usd === undefined ? [] : [usd]));
  return known.length === 0
    ? undefined
    : { runs: known.length, usd: known.reduce((total, usd) => total + usd, 0) };
}

/** Something that happened so often in the history, by the month. */
export const perMonth = (count: number, days: number): number => (count / days) * DAYS_PER_MONTH;

import { History } from "./history";
import { Plan } from "./plan";

/** Something to change: where and how, why, and what it saves in a month (negative: what it costs), US dollars. */
export interface Advice {
  readonly change: string;
  readonly reason: string;
  readonly usdPerMonth: number;
}

/** Looks at what has happened and at the plan; says nothing where the history does not show it. */
export type Adviser = (plan: Plan, history: History) => readonly Advice[];

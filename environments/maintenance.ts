/**
 * Hours, in UTC, at weekends, in which Composer and Cloud SQL may be maintained: their services pause for minutes. Composer
 * requires at least 12 hours a week. No daily run starts in them.
 */
export const MAINTENANCE = { from: 12, to: 18 } as const;

/** Whether maintenance may go on at this hour, in UTC. */
export function inMaintenance(hour: number): boolean {
  return hour >= MAINTENANCE.from && hour < MAINTENANCE.to;
}

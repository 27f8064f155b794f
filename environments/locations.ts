/** Locations of Cloud Storage's dual-region buckets. */
export type DualRegion = "US" | "EU" | "ASIA";

const REGION = /^(us|europe|asia|northamerica|southamerica|australia|me|africa)-[a-z]+[1-9][0-9]*$/;

export function isRegion(text: string): boolean {
  return REGION.test(text);
}

/**
 * Dual-region location that contains `region`.
 *
 * @throws Error if Cloud Storage has none
 */
export function dualRegion(region: string): DualRegion {
  if (region.startsWith("us-")) return "US";
  if (region.startsWith("europe-")) return "EU";
  if (region.startsWith("asia-")) return "ASIA";
  throw new Error(`there is no dual-region location with '${region}'`);
}

/** Whether one dual-region bucket can be in both regions. */
export function shareDualRegion(one: string, other: string): boolean {
  try {
    return dualRegion(one) === dualRegion(other);
  } catch {
    return false;
  }
}

/** Location of the key for a dual-region bucket that contains `region`. */
export function dualRegionKeyLocation(region: string): string {
  return { US: "us", EU: "europe", ASIA: "asia" }[dualRegion(region)];
}

/** Geography of Google Cloud, as far as the configuration depends on it. */

/** Continent codes of Cloud Storage's dual-region buckets. */
export type DualRegion = "US" | "EU" | "ASIA";

const REGION = /^(us|europe|asia|northamerica|southamerica|australia|me|africa)-[a-z]+[1-9][0-9]*$/;

export function isRegion(text: string): boolean {
  return REGION.test(text);
}

/** Dual-region location around `region`; throws where Cloud Storage has none. */
export function dualRegion(region: string): DualRegion {
  if (region.startsWith("us-")) return "US";
  if (region.startsWith("europe-")) return "EU";
  if (region.startsWith("asia-")) return "ASIA";
  throw new Error(`no dual-region buckets around '${region}'`);
}

/** Whether a dual-region bucket can be in both regions. */
export function shareDualRegion(one: string, other: string): boolean {
  try {
    return dualRegion(one) === dualRegion(other);
  } catch {
    return false;
  }
}

/** Location of the key for a dual-region bucket around `region`: Cloud KMS calls the EU `europe`. */
export function dualRegionKeyLocation(region: string): string {
  return { US: "us", EU: "europe", ASIA: "asia" }[dualRegion(region)];
}

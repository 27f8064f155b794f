/** An IPv4 range, its first and last address as numbers. */
export interface Range {
  readonly first: number;
  readonly last: number;
}

/** Private ranges of RFC 1918. */
const PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

/** Whether a range is part of a private network. */
export function isPrivateRange(text: string): boolean {
  const range = parseRange(text);
  return (
    typeof range !== "string" &&
    PRIVATE.map(parseRange).some(
      (whole) => typeof whole !== "string" && range.first >= whole.first && range.last <= whole.last,
    )
  );
}

/** Reads CIDR notation; returns what is wrong with a text that is not a range. */
export function parseRange(text: string): Range | string {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  const numbers = match?.slice(1).map(Number) ?? [];
  const prefix = numbers[4];
  if (prefix === undefined || prefix > 32 || numbers.slice(0, 4).some((part) => part > 255)) {
    return "is not an IPv4 range, write for example 10.0.0.0/20";
  }
  const first = numbers.slice(0, 4).reduce((sum, part) => sum * 256 + part, 0);
  const size = 2 ** (32 - prefix);
  if (first % size !== 0) return `does not start where a /${prefix} starts`;
  return { first, last: first + size - 1 };
}

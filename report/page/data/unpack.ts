import type { Document } from "./document";

/** Length, bytes a number, and whether each number is the difference from the one before. */
type Packed = readonly [number, number, number];

/** The document that `sales_job/report/page.py` packed. */
export function unpack(raw: Uint8Array<ArrayBuffer>): Document {
  const length = new DataView(raw.buffer).getUint32(0, true);
  const text = new TextDecoder().decode(raw.subarray(4, 4 + length));
  let place = 4 + length;
  // In the order in which they were packed: JSON is read from the inside out, and no packed list holds another.
  const read = (_: string, value: unknown): unknown => {
    const packed = (value as { packed?: Packed } | null)?.packed;
    if (!Array.isArray(packed)) return value;
    const [count, width, deltas] = packed as unknown as Packed;
    const found = numbers(raw, place, count, width, deltas === 1);
    place += count * width;
    return found;
  };
  return JSON.parse(text, read) as Document;
}

function numbers(raw: Uint8Array, start: number, count: number, width: number, deltas: boolean): number[] {
  const found = new Array<number>(count).fill(0);
  // Multiplied, not shifted: numbers have up to 53 bits.
  for (let byte = width - 1; byte >= 0; byte -= 1) {
    for (let n = 0; n < count; n += 1)
      found[n] = (found[n] ?? 0) * 256 + (raw[start + byte * count + n] ?? 0);
  }
  let before = 0;
  for (let n = 0; n < count; n += 1) {
    const code = found[n] ?? 0;
    const value = code % 2 === 0 ? code / 2 : -(code + 1) / 2;
    found[n] = deltas ? before + value : value;
    before = found[n] ?? 0;
  }
  return found;
}

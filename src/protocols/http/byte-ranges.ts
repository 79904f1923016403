/** Bytes `start` to `end` of a representation, `end` excluded; never empty. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** RFC 9110 §14.2 and §17.15: a request for more than this is an attack or a mistake. Media players and PDF readers ask for a few. */
export const RANGE_COUNT_MAX = 32;

/** What a further part costs in headers: ranges closer than this are cheaper together. */
const PART_OVERHEAD_BYTES = 80;

const UNIT = /^bytes[ \t]*=/i;
/** Numbers far beyond any length are in order: RFC 9110 §14.1.1 bounds none. */
const SPEC = /^[ \t]*(?:(\d{1,64})-(\d{0,64})|-(\d{1,64}))[ \t]*$/;

/**
 * Reads a Range field for a representation of `byteLength`. Ranges that overlap or nearly touch are put together and then stand in
 * ascending order; others keep the client's (RFC 9110 §15.3.7.2).
 *
 * @returns the ranges that can be sent; `ignored` for what is no range of bytes, where the whole is the answer; `unsatisfiable` (416) when no
 *   range lies within, or when there are more than `RANGE_COUNT_MAX`.
 */
export function parseByteRanges(field: string, byteLength: number): readonly ByteRange[] | "ignored" | "unsatisfiable" {
  const unit = UNIT.exec(field);
  if (unit === null) return "ignored";
  const specs = field.slice(unit[0].length).split(",", RANGE_COUNT_MAX * 2);
  const ranges: ByteRange[] = [];
  let specCount = 0;
  for (const spec of specs) {
    if (spec.trim() === "") continue; // RFC 9110 §5.6.1.2: empty elements of a list are passed over.
    const match = SPEC.exec(spec);
    if (match === null) return "ignored";
    if (++specCount > RANGE_COUNT_MAX) return "unsatisfiable";
    const range = resolve(match, byteLength);
    if (range === "malformed") return "ignored";
    if (range !== null) ranges.push(range);
  }
  if (specCount === 0) return "ignored";
  return ranges.length === 0 ? "unsatisfiable" : coalesce(ranges);
}

/** `null` for a range that lies outside. */
function resolve([, first, last, suffix]: RegExpExecArray, byteLength: number): ByteRange | "malformed" | null {
  if (suffix !== undefined) {
    const count = Math.min(Number(suffix), byteLength);
    return count === 0 ? null : { start: byteLength - count, end: byteLength };
  }
  const start = Number(first);
  const lastByte = last === undefined || last === "" ? Infinity : Number(last);
  if (lastByte < start) return "malformed";
  return start >= byteLength ? null : { start, end: Math.min(lastByte + 1, byteLength) };
}

function coalesce(ranges: readonly ByteRange[]): readonly ByteRange[] {
  if (ranges.length === 1) return ranges;
  const sorted = ranges.toSorted((a, b) => a.start - b.start);
  const merged: ByteRange[] = [];
  for (const range of sorted) {
    const before = merged.at(-1);
    if (before === undefined || range.start - before.end >= PART_OVERHEAD_BYTES) merged.push(range);
    else merged[merged.length - 1] = { start: before.start, end: Math.max(before.end, range.end) };
  }
  return merged.length === ranges.length ? ranges : merged;
}

/** W3C Trace Context, level 1: what `traceparent` says. */
export interface TraceContext {
  /** 32 lower-case hexadecimal digits, not all 0. */
  readonly traceId: string;
  /** 16 of them, not all 0: the span that is the parent of what its reader does. */
  readonly spanId: string;
  readonly isSampled: boolean;
}

/** §3.2; later versions may have more behind the flags, which is not looked at. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;

const IS_SAMPLED = 1;

/** Reads a `traceparent`; `null` for none, or one that is not valid: then a trace begins anew. */
export function parseTraceparent(value: string | null): TraceContext | null {
  if (value === null) return null;
  const [matched, traceId, spanId, flags] = TRACEPARENT.exec(value) ?? [];
  if (matched === undefined || traceId === undefined || spanId === undefined || flags === undefined) return null;
  if (matched.startsWith("00") && matched.length > 55) return null;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & IS_SAMPLED) === IS_SAMPLED };
}

/** Writes a `traceparent` of version 00. */
export function renderTraceparent({ traceId, spanId, isSampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${isSampled ? "01" : "00"}`;
}

/** A new id of a trace: 16 random bytes in hexadecimal digits. */
export function newTraceId(): string {
  return randomHex(16);
}

/** A new id of a span: 8 random bytes in hexadecimal digits. */
export function newSpanId(): string {
  return randomHex(8);
}

/** Random bytes are drawn many at a time: drawing costs more than bytes do. */
const DRAWN_BYTES = 4_096;

const drawn = new Uint8Array(DRAWN_BYTES);
let hex = "";
let hexUsed = 0;

function randomHex(byteCount: number): string {
  const digitCount = 2 * byteCount;
  if (hexUsed + digitCount > hex.length) {
    hex = Buffer.from(crypto.getRandomValues(drawn)).toString("hex");
    hexUsed = 0;
  }
  hexUsed += digitCount;
  return hex.slice(hexUsed - digitCount, hexUsed);
}

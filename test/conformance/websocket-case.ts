/** The largest message the tables are written for. */
export const CONFORMANCE_MESSAGE_BYTES_MAX: number = 1024 * 1024;

/** What a server's decoder says of a client's bytes, in words; see {@link messageEvent}. */
export type WebSocketEvent = string;

/**
 * What a client sends on one connection, and what the server has to make of it. `id` is that of the Autobahn test suite's case with the
 * same content, "own" where it has none; several entries may share it.
 */
export interface WebSocketCase {
  readonly id: string;
  readonly name: string;
  readonly frames: readonly Buffer[];
  readonly expect: readonly WebSocketEvent[];
  /** How many octets the client writes at once. Default: everything. */
  readonly chopBytes?: number;
}

/** The same case, written `chopBytes` octets at a time. */
export function chopped(id: string, given: WebSocketCase | undefined, chopBytes: number): WebSocketCase {
  if (given === undefined) throw new Error(`Cannot chop a case for ${id}: it is not in its table`);
  return { ...given, id, name: `${given.name}, ${chopBytes} octets at a time`, chopBytes };
}

/** Where what a client writes `chopBytes` at a time is cut. */
export function cutsEvery(chopBytes: number, byteLength: number): number[] {
  return Array.from(
    { length: Math.max(0, Math.ceil(byteLength / chopBytes) - 1) },
    (_, index) => (index + 1) * chopBytes,
  );
}

/** A message or ping in words: short ones whole, long ones by length and checksum. Binary is hexadecimal. */
export function messageEvent(kind: "text" | "binary" | "ping", payload: string | Uint8Array): WebSocketEvent {
  const bytes = Buffer.from(payload);
  if (bytes.length > 300) return `${kind} of ${bytes.length}: ${Bun.hash.crc32(bytes).toString(16)}`;
  return `${kind} ${kind === "text" ? bytes.toString() : bytes.toString("hex")}`;
}

/** A close frame, taken in good order. */
export function closeEvent(code: number, reason: string = ""): WebSocketEvent {
  return `close ${code} ${reason}`;
}

/** The connection fails with this close code. */
export function failEvent(closeCode: number): WebSocketEvent {
  return `fail ${closeCode}`;
}

/**
 * Frames as a client sends them, right or wrong, and as a server answers them. Written for clarity and apart from the engine's own codec,
 * so that one can be held against the other.
 */
export interface FrameParts {
  /** Default: 1. */
  readonly fin?: 0 | 1;
  /** RSV1 to RSV3 as a number, RSV1 highest. Default: 0. */
  readonly rsv?: number;
  readonly opcode: number;
  /** Text becomes UTF-8. Default: empty. */
  readonly payload?: string | Uint8Array;
  /** `null` leaves the frame unmasked. Default: a key whose octets all differ. */
  readonly mask?: Uint8Array | null;
  /** The bytes that say the length. Default: as few as possible. */
  readonly lengthBytes?: 1 | 2 | 8;
  /** What the header announces. Default: what there is. */
  readonly announcedBytes?: bigint;
}

/** What follows the second octet of a server's frame that says how long the payload is. */
const EXTENDED_BYTES: Readonly<Record<number, number>> = { 126: 2, 127: 8 };

const MASK = Buffer.of(0x37, 0xfa, 0x21, 0x3d);

/** One frame. RFC 6455 §5.2. */
export function frame(parts: FrameParts): Buffer {
  const { fin = 1, rsv = 0, opcode, mask = MASK } = parts;
  const payload = Buffer.from(parts.payload ?? "");
  const announced = parts.announcedBytes ?? BigInt(payload.length);
  const head = [(fin << 7) | (rsv << 4) | opcode, ...lengthOctets(announced, parts.lengthBytes)];
  if (mask === null) return Buffer.concat([Buffer.from(head), payload]);
  head[1]! |= 0x80;
  return Buffer.concat([Buffer.from(head), mask, payload.map((octet, index) => octet ^ mask[index % 4]!)]);
}

/** A text message in one frame. */
export function text(payload: string | Uint8Array): Buffer {
  return frame({ opcode: 1, payload });
}

/** A close frame's payload. */
export function closePayload(code: number, reason: string | Uint8Array = ""): Buffer {
  return Buffer.concat([Buffer.of(code >> 8, code & 0xff), Buffer.from(reason)]);
}

/** A close frame; without a code it is empty. */
export function close(code?: number, reason: string | Uint8Array = ""): Buffer {
  return frame({ opcode: 8, payload: code === undefined ? "" : closePayload(code, reason) });
}

/** A server's frame, read back. */
export interface ServerFrame {
  readonly fin: number;
  readonly rsv: number;
  readonly opcode: number;
  readonly payload: Buffer;
}

/** The whole frames at the start of `bytes`. @throws when one is masked: servers mask nothing. */
export function readFrames(bytes: Buffer): { readonly frames: readonly ServerFrame[]; readonly restBytes: number } {
  const frames: ServerFrame[] = [];
  let at = 0;
  for (;;) {
    const [first, second] = [bytes[at], bytes[at + 1]];
    if (first === undefined || second === undefined) break;
    if (second >= 0x80) throw new Error("Cannot read a server's frame: it is masked");
    const extended = EXTENDED_BYTES[second] ?? 0;
    const start = at + 2 + extended;
    if (bytes.length < start) break;
    const length = extended === 0 ? second : Number(BigInt(`0x${bytes.toString("hex", at + 2, start)}`));
    if (extended > shortestWidth(BigInt(length)))
      throw new Error(`Cannot read a server's frame: ${length} is said too long`);
    if (bytes.length < start + length) break;
    const payload = Buffer.from(bytes.subarray(start, start + length));
    frames.push({ fin: first >> 7, rsv: (first >> 4) & 7, opcode: first & 15, payload });
    at = start + length;
  }
  return { frames, restBytes: bytes.length - at };
}

function lengthOctets(announced: bigint, lengthBytes: 1 | 2 | 8 | undefined): number[] {
  const width = lengthBytes ?? shortestWidth(announced);
  if (width === 1) return [Number(announced)];
  const hex = announced.toString(16).padStart(width * 2, "0");
  return [width === 2 ? 126 : 127, ...Buffer.from(hex, "hex")];
}

function shortestWidth(announced: bigint): 1 | 2 | 8 {
  if (announced < 126n) return 1;
  return announced < 65_536n ? 2 : 8;
}

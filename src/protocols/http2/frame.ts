/** The frame types of RFC 9113 §6. */
export const FRAME_TYPE = {
  data: 0x0,
  headers: 0x1,
  priority: 0x2,
  rstStream: 0x3,
  settings: 0x4,
  pushPromise: 0x5,
  ping: 0x6,
  goaway: 0x7,
  windowUpdate: 0x8,
  continuation: 0x9,
} as const;

/** The flags of RFC 9113 §6: bits that mean what they say on the frame types that define them, and nothing on others. */
export const FRAME_FLAG = {
  endStream: 0x1,
  ack: 0x1,
  endHeaders: 0x4,
  padded: 0x8,
  priority: 0x20,
} as const;

/** RFC 9113 §4.1. */
export const FRAME_HEADER_BYTES = 9;

/** The largest payload that every endpoint takes, and what we announce and send at most. RFC 9113 §4.2. */
export const FRAME_PAYLOAD_BYTES = 16_384;

/** Stream identifiers, window sizes and increments have 31 bits. RFC 9113 §5.1.1 and §6.9.1. */
export const UINT31_MAX = 0x7fff_ffff;

/** What a window is before SETTINGS say otherwise. RFC 9113 §6.9.2. */
export const INITIAL_WINDOW_BYTES = 65_535;

/** What a client sends first, with prior knowledge or after ALPN. RFC 9113 §3.4. */
export const PREFACE: Buffer = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

/** Reads the low 31 bits of the four octets at `at`; the highest bit is reserved and ignored. */
export function readUint31(bytes: Buffer, at: number): number {
  return ((bytes[at]! & 0x7f) << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

/** Reads an unsigned number of four octets. */
export function readUint32(bytes: Buffer, at: number): number {
  return readUint31(bytes, at) + (bytes[at]! & 0x80) * 0x1_00_00_00;
}

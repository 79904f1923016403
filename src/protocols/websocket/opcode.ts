/** What a frame carries. The other ten values are reserved and refused. RFC 6455 §5.2. */
export const CONTINUATION = 0x0;
export const TEXT = 0x1;
export const BINARY = 0x2;
export const CLOSE = 0x8;
export const PING = 0x9;
export const PONG = 0xa;

/** The opcodes of a message's first frame. */
export type DataOpcode = typeof TEXT | typeof BINARY;

/** The opcodes of frames that may stand between the fragments of a message, and are never fragmented themselves. */
export type ControlOpcode = typeof CLOSE | typeof PING | typeof PONG;

/** Everything a frame may say it is. */
export type Opcode = typeof CONTINUATION | DataOpcode | ControlOpcode;

/** The most a control frame may carry, so that it can be answered at once from memory. RFC 6455 §5.5. */
export const CONTROL_PAYLOAD_BYTES_MAX = 125;

/** A message is of text, which is valid UTF-8, or of bytes. */
export type MessageKind = "text" | "binary";

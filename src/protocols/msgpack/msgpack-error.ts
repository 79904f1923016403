import { ProtocolError } from "../../base/errors.ts";

/** Why bytes are not the MessagePack that was asked for. */
export type MsgpackErrorCode =
  /** A value is longer than what holds it, or begins with the byte that is never assigned. */
  | "VILYA_MSGPACK_MALFORMED"
  /** Arrays and maps nest deeper than the reader goes. */
  | "VILYA_MSGPACK_TOO_DEEP"
  /** A value is well formed and of another type than the one allowed here. */
  | "VILYA_MSGPACK_UNEXPECTED_TYPE";

/** Bytes that no reader can go on from: whoever reads a frame turns it into an error of its own protocol. */
export class MsgpackError extends ProtocolError {
  readonly code: MsgpackErrorCode;

  constructor(code: MsgpackErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

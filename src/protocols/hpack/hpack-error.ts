import { ProtocolError } from "../../base/errors.ts";

/** A header block that cannot be decoded: the two ends' tables no longer agree, so the connection ends (RFC 7541 §2.2, `COMPRESSION_ERROR`). */
export class HpackError extends ProtocolError {
  readonly code = "VILYA_HPACK_BAD_BLOCK";

  constructor(state: string, allowed: string) {
    super(`Cannot decode the header block: ${state}, ${allowed}`);
  }
}

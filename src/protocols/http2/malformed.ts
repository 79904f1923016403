import { ERROR_CODE } from "./error-code.ts";
import { Http2StreamError } from "./http2-error.ts";

/** A request that is no HTTP: its stream is reset with PROTOCOL_ERROR, nothing is answered. RFC 9113 §8.1.1. */
export function malformed(streamId: number, state: string, allowed: string): Http2StreamError {
  return new Http2StreamError(streamId, ERROR_CODE.protocolError, `Cannot take the request: ${state}, ${allowed}`);
}

import { ProtocolError } from "../../base/errors.ts";
import { ERROR_CODE, type ErrorCode } from "./error-code.ts";

/** What a peer did that HTTP/2 forbids or a limit does not allow; each has its page section in `docs/reference/errors.md`. */
export type Http2ErrorCode =
  | "VILYA_HTTP2_PROTOCOL"
  | "VILYA_HTTP2_FRAME_SIZE"
  | "VILYA_HTTP2_FLOW_CONTROL"
  | "VILYA_HTTP2_STREAM_CLOSED"
  | "VILYA_HTTP2_COMPRESSION"
  | "VILYA_HTTP2_STREAM_REFUSED"
  | "VILYA_HTTP2_FLOOD";

const CODES: Partial<Record<ErrorCode, Http2ErrorCode>> = {
  [ERROR_CODE.frameSizeError]: "VILYA_HTTP2_FRAME_SIZE",
  [ERROR_CODE.flowControlError]: "VILYA_HTTP2_FLOW_CONTROL",
  [ERROR_CODE.streamClosed]: "VILYA_HTTP2_STREAM_CLOSED",
  [ERROR_CODE.compressionError]: "VILYA_HTTP2_COMPRESSION",
  [ERROR_CODE.refusedStream]: "VILYA_HTTP2_STREAM_REFUSED",
  [ERROR_CODE.enhanceYourCalm]: "VILYA_HTTP2_FLOOD",
};

/** Ends the connection with a GOAWAY that carries `errorCode`. RFC 9113 §5.4.1. */
export class Http2ConnectionError extends ProtocolError {
  readonly code: Http2ErrorCode;
  readonly errorCode: ErrorCode;

  constructor(errorCode: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.errorCode = errorCode;
    this.code = CODES[errorCode] ?? "VILYA_HTTP2_PROTOCOL";
  }
}

/** Ends one stream with a RST_STREAM that carries `errorCode`; the connection goes on. RFC 9113 §5.4.2. */
export class Http2StreamError extends ProtocolError {
  readonly code: Http2ErrorCode;
  readonly streamId: number;
  readonly errorCode: ErrorCode;

  constructor(streamId: number, errorCode: ErrorCode, message: string) {
    super(message);
    this.streamId = streamId;
    this.errorCode = errorCode;
    this.code = CODES[errorCode] ?? "VILYA_HTTP2_PROTOCOL";
  }
}

import { ProtocolError } from "../../base/errors.ts";
import { CLOSE_CODE } from "./close-code.ts";

/** What a peer did that RFC 6455 or RFC 7692 forbids, or a limit does not allow. */
export type WebSocketErrorCode =
  | "VILYA_WEBSOCKET_BAD_FRAME"
  | "VILYA_WEBSOCKET_BAD_CONTENT"
  | "VILYA_WEBSOCKET_MESSAGE_TOO_LARGE"
  | "VILYA_WEBSOCKET_OUT_OF_MEMORY";

/** The connection fails: a close frame with `closeCode` goes out and nothing more is read. The message is for logs. RFC 6455 §7.1.7. */
export class WebSocketError extends ProtocolError {
  readonly code: WebSocketErrorCode;
  readonly closeCode: number;

  constructor(code: WebSocketErrorCode, closeCode: number, message: string) {
    super(message);
    this.code = code;
    this.closeCode = closeCode;
  }
}

/** 1002: a frame that may not be where it is, or as it is. `state` says what was found, `allowed` what would have been right. */
export function badFrame(state: string, allowed: string): WebSocketError {
  const message = `Cannot decode a WebSocket frame: ${state}, ${allowed}`;
  return new WebSocketError("VILYA_WEBSOCKET_BAD_FRAME", CLOSE_CODE.protocolError, message);
}

/** 1007: content that is not what it says it is. */
export function badContent(
  subject: "text message" | "close reason" | "compressed message",
  state: string,
): WebSocketError {
  const allowed = subject === "compressed message" ? "it is raw DEFLATE (RFC 7692)" : "it is UTF-8";
  const message = `Cannot decode a WebSocket ${subject}: ${state}, ${allowed}`;
  return new WebSocketError("VILYA_WEBSOCKET_BAD_CONTENT", CLOSE_CODE.invalidContent, message);
}

/** 1009: a message is, announces to be, or inflates to more than the limit. */
export function messageTooLarge(messageBytesMax: number): WebSocketError {
  const message = `Cannot take a WebSocket message: it exceeds messageBytesMax, ${messageBytesMax} bytes is the most allowed`;
  return new WebSocketError("VILYA_WEBSOCKET_MESSAGE_TOO_LARGE", CLOSE_CODE.tooLarge, message);
}

/** 1013: the messages that all clients have begun and not finished fill the memory they may hold together. */
export function outOfMemory(): WebSocketError {
  const message =
    "Cannot take a WebSocket message: unfinished ones fill their memory, it is there again when some are complete";
  return new WebSocketError("VILYA_WEBSOCKET_OUT_OF_MEMORY", CLOSE_CODE.tryAgainLater, message);
}

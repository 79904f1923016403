import { CLOSE_CODE, isCloseCode } from "./close-code.ts";
import { isUtf8Text } from "./utf8-validator.ts";
import { badContent, badFrame } from "./websocket-error.ts";

/** How a peer, or we, end a connection. */
export interface CloseStatus {
  /** As in the close frame; 1005 when it had none. */
  readonly code: number;
  /** Valid Unicode, at most 123 bytes in UTF-8; often empty. */
  readonly reason: string;
}

const NO_STATUS: CloseStatus = { code: CLOSE_CODE.absent, reason: "" };

/**
 * Reads the payload of a close frame: nothing, or a code and a reason. RFC 6455 §5.5.1.
 *
 * @throws {WebSocketError} 1002 for half a code or one that may not be sent, 1007 for a reason that is not UTF-8.
 */
export function decodeClosePayload(bytes: Buffer, start: number, end: number): CloseStatus {
  if (start === end) return NO_STATUS;
  if (end - start === 1) throw badFrame("a close frame has half a code", "it has two bytes of code or nothing");
  const code = (bytes[start]! << 8) | bytes[start + 1]!;
  if (!isCloseCode(code)) throw badFrame(`its close code is ${code}`, "RFC 6455 §7.4 has no such code to send");
  if (!isUtf8Text(bytes, start + 2, end)) throw badContent("close reason", "it is not valid");
  return { code, reason: bytes.toString("utf8", start + 2, end) };
}

import type { CloseStatus } from "../../protocols/websocket/close-payload.ts";
import type { MessageKind } from "../../protocols/websocket/opcode.ts";
import type { WebSocketSession } from "./websocket-session.ts";

/** How a socket has ended. */
export interface WebSocketEnd extends CloseStatus {
  /** True when both sides have said so; false when the connection failed, was cut or was lost (then `code` is 1006). */
  readonly isClean: boolean;
}

/**
 * What an application does with its sockets. `http/` calls, whoever accepts an upgrade implements.
 *
 * Order for each socket: `onOpen` once, `onMessage` in the order of arrival, `onClose` once and last. Who cannot keep up calls
 * `session.hold()`, and no message comes until `session.release()`. What these methods throw costs the socket and no other.
 */
export interface WebSocketApp {
  onOpen(session: WebSocketSession): void;
  /** `bytes[start, end)` is valid during the call; text is valid UTF-8. */
  onMessage(session: WebSocketSession, kind: MessageKind, bytes: Buffer, start: number, end: number): void;
  onClose(session: WebSocketSession, end: WebSocketEnd): void;
  /** What was sent and waited for a slow client has left: see {@link WebSocketSession.isBackedUp}. */
  onDrain?(session: WebSocketSession): void;
}

import type { Exchange } from "../../http/exchange.ts";
import type { WebSocketApp, WebSocketEnd } from "../../http/websocket/websocket-app.ts";
import type { WebSocketSession } from "../../http/websocket/websocket-session.ts";
import { CLOSE_CODE } from "../../protocols/websocket/close-code.ts";
import type { HandshakeOffer } from "../../protocols/websocket/handshake.ts";
import type { MessageKind } from "../../protocols/websocket/opcode.ts";
import type { SocketAction } from "../../protocols/worker/socket-action.ts";
import type { WorkerResponse } from "../../protocols/worker/worker-response.ts";
import type { CallSession, SessionOwner } from "../../workers/calls/call-session.ts";
import type { AppSockets } from "./app-sockets.ts";
import { withoutHandshake } from "./handshake-fields.ts";

/** What the frame of a message has beside its bytes, at most. */
const FRAME_OVERHEAD_BYTES = 64;

/** What a socket is made of before anybody has accepted it. */
export interface SessionSocketOptions {
  readonly exchange: Exchange;
  readonly offer: HandshakeOffer;
  readonly sockets: AppSockets;
  /** What its name is made of. */
  readonly number: number;
}

/**
 * A WebSocket that one worker holds: messages go to and fro as they come, each side held back by the other one's credit.
 *
 * Invariant: the worker hears of the end once, and last; what it says behind it reaches nobody.
 */
export class SessionSocket implements WebSocketApp, SessionOwner {
  readonly number: number;
  readonly #options: SessionSocketOptions;
  #session: WebSocketSession | null = null;
  #worker: CallSession | null = null;
  /** Sent to a client that has not taken it yet. */
  #owedBytes = 0;
  #owedCount = 0;

  constructor(options: SessionSocketOptions) {
    this.number = options.number;
    this.#options = options;
  }

  /** `null` until it is open, and once it is gone. */
  get session(): WebSocketSession | null {
    return this.#session;
  }

  onAccepted(head: WorkerResponse, worker: CallSession): void {
    const { exchange, offer, sockets } = this.#options;
    const protocol = head.event?.protocol ?? null;
    const error = head.error ?? (protocol === null || offer.protocols.includes(protocol) ? null : NOT_OFFERED);
    this.#worker = worker;
    if (error !== null) {
      exchange.refuse(500, { errorId: sockets.report(error) });
      worker.close({ code: CLOSE_CODE.abnormal, reason: "", isClean: false });
      return;
    }
    const acceptance = { app: this, protocol, fields: withoutHandshake(head.fields) };
    if (sockets.server.accept(exchange, offer, acceptance)) return;
    worker.close({ code: CLOSE_CODE.abnormal, reason: "", isClean: false });
  }

  onOpen(session: WebSocketSession): void {
    this.#session = session;
    this.#options.sockets.add(this);
    // The worker has ended it while the answer was on its way.
    if (this.#worker === null) session.close();
  }

  onMessage(session: WebSocketSession, kind: MessageKind, bytes: Buffer, start: number, end: number): void {
    const worker = this.#worker;
    if (worker === null) return;
    if (end - start + FRAME_OVERHEAD_BYTES > worker.frameBytesMax) {
      session.close(CLOSE_CODE.tooLarge);
      return;
    }
    worker.send({ isBinary: kind === "binary", bytes, start, end });
    if (!worker.maySend) session.hold();
  }

  onClose(_session: WebSocketSession, end: WebSocketEnd): void {
    this.#session = null;
    this.#options.sockets.remove(this);
    this.#worker?.close(end);
  }

  /** The client has taken what waited for it. */
  onDrain(): void {
    this.#worker?.grant({ byteCount: this.#owedBytes, messageCount: this.#owedCount });
    this.#owedBytes = this.#owedCount = 0;
  }

  onAction(action: SocketAction | string): void {
    const session = this.#session;
    if (typeof action === "string") {
      const errorId = this.#options.sockets.report(`Cannot take a frame of a WebSocket: ${action}`);
      session?.close(CLOSE_CODE.internalError, `error ${errorId}`);
    } else if (action.kind === "close") {
      session?.close(action.code, action.reason);
    } else if (action.kind === "send") {
      session?.send(action.isBinary ? "binary" : "text", action.bytes, action.start, action.end);
      this.#owedBytes += action.end - action.start;
      this.#owedCount++;
      if (session?.isBackedUp !== true) this.onDrain();
    }
  }

  onWritable(): void {
    this.#session?.release();
  }

  onLeaving(): void {
    this.#session?.close(CLOSE_CODE.goingAway);
  }

  onEnded(error: string | null): void {
    this.#worker = null;
    const errorId = error === null ? null : this.#options.sockets.report(error);
    if (errorId === null) this.#session?.close();
    else this.#session?.close(CLOSE_CODE.internalError, `error ${errorId}`);
  }

  onLost(): void {
    this.#worker = null;
    this.#session?.close(CLOSE_CODE.internalError);
  }
}

const NOT_OFFERED = "Cannot accept a WebSocket: its protocol was not offered, one of those offered or none is allowed";

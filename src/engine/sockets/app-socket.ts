import type { WebSocketApp, WebSocketEnd } from "../../http/websocket/websocket-app.ts";
import type { WebSocketSession } from "../../http/websocket/websocket-session.ts";
import { CLOSE_CODE } from "../../protocols/websocket/close-code.ts";
import type { MessageKind } from "../../protocols/websocket/opcode.ts";
import {
  encodeSocketClose,
  encodeSocketMessage,
  type SocketMemory,
} from "../../protocols/worker/socket-event-encoder.ts";
import type { EventAnswer } from "../../protocols/worker/worker-response.ts";
import type { CallFailure } from "../../workers/calls/call.ts";
import type { ClosedSocket } from "./socket-closes.ts";
import { SocketEvent, type SocketEventOwner } from "./socket-event.ts";
import type { AppSockets } from "./app-sockets.ts";

const NO_STATE = Buffer.alloc(0);

/** What a socket is made of when its app has accepted it. */
export interface AppSocketOptions {
  readonly sockets: AppSockets;
  /** What its name is made of. */
  readonly number: number;
  /** The path that was asked for, in memory of its own. */
  readonly path: Buffer;
  /** How the app has answered the open; read before `onOpen` returns. */
  readonly answer: EventAnswer;
}

/**
 * A WebSocket whose app is a pool of workers: what happens on it becomes events, and their answers are done.
 *
 * Invariant: one event at a time is under way, in the order in which things happened, so that any worker can take the next one; the close is
 * the last, and comes once.
 */
export class AppSocket implements WebSocketApp, SocketEventOwner, SocketMemory {
  readonly number: number;
  readonly path: Buffer;
  readonly protocol: string | null;
  state: Buffer = NO_STATE;
  readonly #sockets: AppSockets;
  #answer: EventAnswer | null;
  #session: WebSocketSession | null = null;
  #isBusy = false;
  /** How it has ended, while an event is under way. */
  #end: WebSocketEnd | null = null;

  constructor({ sockets, number, path, answer }: AppSocketOptions) {
    this.#sockets = sockets;
    this.number = number;
    this.path = path;
    this.protocol = answer.protocol;
    this.#answer = answer;
  }

  /** `null` once it is gone. */
  get session(): WebSocketSession | null {
    return this.#session;
  }

  /** The client left before it could hear that it was accepted. What the app has said to others is done. */
  neverOpened(): void {
    this.#takeAnswer();
    this.#sockets.closes.owe();
    this.#close({ code: CLOSE_CODE.abnormal, reason: "", isClean: false });
  }

  onOpen(session: WebSocketSession): void {
    this.#session = session;
    this.#sockets.add(this);
    this.#takeAnswer();
  }

  onMessage(session: WebSocketSession, kind: MessageKind, bytes: Buffer, start: number, end: number): void {
    session.hold();
    this.#isBusy = true;
    const message = { isBinary: kind === "binary", bytes, start, end };
    const frame = encodeSocketMessage(this.#sockets.factsOf(this.number), this, message);
    this.#sockets.submit(new SocketEvent(frame, this));
  }

  onClose(_session: WebSocketSession, end: WebSocketEnd): void {
    this.#session = null;
    this.#sockets.remove(this);
    this.#sockets.closes.owe();
    if (this.#isBusy) this.#end = end;
    else this.#close(end);
  }

  onAnswer(answer: EventAnswer): void {
    this.#answer = answer;
    this.#takeAnswer();
    this.#finish();
  }

  onError(error: string): void {
    const errorId = this.#sockets.report(error);
    this.#session?.close(CLOSE_CODE.internalError, `error ${errorId}`);
    this.#finish();
  }

  onFailure(failure: CallFailure): void {
    this.#session?.close(...closeStatusOf(failure));
    this.#finish();
  }

  #finish(): void {
    this.#isBusy = false;
    if (this.#end !== null) this.#close(this.#end);
    else this.#session?.release();
  }

  #takeAnswer(): void {
    const answer = this.#answer;
    this.#answer = null;
    if (answer === null) return;
    if (answer.state !== null) this.state = answer.state;
    this.#sockets.run(answer.actions, this.#session);
  }

  #close(end: WebSocketEnd): void {
    const closed: ClosedSocket = {
      end,
      encodeClose: () => encodeSocketClose(this.#sockets.factsOf(this.number), this, end),
      takeAnswer: ({ actions }) => this.#sockets.run(actions, null),
    };
    this.#sockets.closes.push(closed);
  }
}

/** Why a socket is closed whose event did not run, or was lost. */
function closeStatusOf({ kind }: CallFailure): [code: number, reason: string] {
  switch (kind) {
    case "queue-full":
    case "queue-timeout":
    case "unavailable":
      return [CLOSE_CODE.tryAgainLater, "busy"];
    case "stopping":
      return [CLOSE_CODE.goingAway, ""];
    case "too-large":
      return [CLOSE_CODE.tooLarge, ""];
    case "timeout":
    case "worker-lost":
    case "unsupported":
      return [CLOSE_CODE.internalError, ""];
  }
}

import type { Exchange, ExchangeHandler } from "../../http/exchange.ts";
import type { FieldBlock } from "../../protocols/http/field-block.ts";
import type { RequestHead } from "../../protocols/http/request-head.ts";
import { asksForWebSocket, type HandshakeOffer } from "../../protocols/websocket/handshake.ts";
import { encodeSocketOpen } from "../../protocols/worker/socket-event-encoder.ts";
import type { EventAnswer, WorkerResponse } from "../../protocols/worker/worker-response.ts";
import { Call, type CallFailure } from "../../workers/calls/call.ts";
import { AppSocket } from "./app-socket.ts";
import type { AppSockets } from "./app-sockets.ts";
import { refuseFailed } from "../dispatch/call-refusal.ts";
import { withoutHandshake } from "./handshake-fields.ts";
import { encodeExchange } from "../dispatch/request-frame.ts";
import { SessionOpening } from "./session-opening.ts";
import { takeOffer } from "./socket-offer.ts";

const NOTHING = Buffer.alloc(0);

/** What a refusal tells a client to wait while closes pile up, in seconds. */
const RETRY_AFTER_S = 1;

/** True for a request that asks to go on as a WebSocket, by either way of asking. */
export function opensSocket(head: RequestHead): boolean {
  return head.isExtendedConnect || asksForWebSocket(head);
}

/** A request that asks for a WebSocket, on its way to a worker that may accept or refuse it. */
export class SocketOpening extends Call implements ExchangeHandler {
  override needs = "websocket" as const;
  readonly #exchange: Exchange;
  readonly #sockets: AppSockets;
  readonly #number: number;
  #offer: HandshakeOffer | null = null;
  #path: Buffer = NOTHING;

  constructor(exchange: Exchange, sockets: AppSockets) {
    super({ frame: NOTHING, body: null, isIdempotent: false, isSafe: false });
    this.#exchange = exchange;
    this.#sockets = sockets;
    this.#number = sockets.nextNumber();
    if (exchange.trace !== null) exchange.trace.app = sockets.app.name;
  }

  onRequest(): void {
    const exchange = this.#exchange;
    const offer = takeOffer(exchange, this.#sockets);
    if (offer === null) return;
    if (this.#sockets.closes.isFull) {
      exchange.refuse(503, { retryAfterS: RETRY_AFTER_S });
      return;
    }
    // Nobody knows what the workers can do before one of them is ready: it may turn out that they want the request as a session.
    if (!this.#sockets.app.pool.isKnownFor("websocket")) exchange.keepHead();
    this.#offer = offer;
    this.#path = Buffer.from(exchange.head.path, "latin1");
    this.frame = this.#encode(offer);
    this.#sockets.submit(this);
  }

  onClientEnd(): "answer" | "drop" {
    return this.state === "queued" ? "drop" : "answer";
  }

  /** An app that runs it already may accept it: then it has to hear of the end, too. */
  onAbandoned(): void {
    if (this.state === "queued") this.#sockets.app.pool.abandon(this);
  }

  onResponse(response: WorkerResponse): void {
    const { event, error } = response;
    const refusal = error ?? (event === null ? null : this.#whyNot(event));
    if (refusal !== null) {
      this.#exchange.refuse(500, { errorId: this.#sockets.report(refusal) });
    } else if (event !== null) {
      this.#accept(event, response.fields);
    } else if (response.status < 300) {
      // docs/reference/wire.md, W2.41: whatever the version of HTTP.
      const state = `its status is ${response.status}, 300 to 999 is allowed where a WebSocket is refused`;
      this.#exchange.refuse(500, { errorId: this.#sockets.report(`Cannot take the answer to an open: ${state}`) });
    } else {
      this.#exchange.respond(response);
    }
  }

  onFailure(failure: CallFailure): void {
    if (failure.kind === "unsupported" && this.#sockets.app.pool.isKnownFor("websocket_session")) this.#openAsSession();
    else refuseFailed(this.#exchange, failure);
  }

  #openAsSession(): void {
    const opening = new SessionOpening(this.#exchange, this.#sockets);
    this.#exchange.handler = opening;
    opening.onRequest();
  }

  #encode({ protocols }: HandshakeOffer): Buffer {
    const request = encodeExchange(this.#exchange, this.#sockets.app, 0, null);
    return encodeSocketOpen(this.#sockets.factsOf(this.#number), request, protocols);
  }

  #whyNot({ protocol }: EventAnswer): string | null {
    if (protocol === null || this.#offer?.protocols.includes(protocol) === true) return null;
    return "Cannot accept a WebSocket: its protocol was not offered, one of those offered or none is allowed";
  }

  #accept(answer: EventAnswer, fields: FieldBlock): void {
    const exchange = this.#exchange;
    const offer = this.#offer;
    const socket = new AppSocket({ sockets: this.#sockets, number: this.#number, path: this.#path, answer });
    const acceptance = { app: socket, protocol: answer.protocol, fields: withoutHandshake(fields) };
    if (offer === null || !this.#sockets.server.accept(exchange, offer, acceptance)) socket.neverOpened();
  }
}

import type { Exchange, ExchangeHandler } from "../../http/exchange.ts";
import { encodeSessionKeys } from "../../protocols/worker/session-encoder.ts";
import type { WorkerResponse } from "../../protocols/worker/worker-response.ts";
import { Call, type CallFailure } from "../../workers/calls/call.ts";
import type { StreamControl } from "../../workers/calls/call-stream.ts";
import { AppCall } from "../dispatch/app-call.ts";
import type { AppSockets } from "./app-sockets.ts";
import { encodeExchange } from "../dispatch/request-frame.ts";
import { SessionSocket } from "./session-socket.ts";
import { takeOffer } from "./socket-offer.ts";

const NOTHING = Buffer.alloc(0);

/** A request that asks for a WebSocket, on its way to a worker that holds its sockets itself. A refusal is an answer like any other. */
export class SessionOpening extends Call implements ExchangeHandler {
  override needs = "websocket_session" as const;
  readonly #exchange: Exchange;
  readonly #sockets: AppSockets;
  readonly #refusal: AppCall;
  /** Whether it is an extended CONNECT. The Upgrade of HTTP/1.1 may be ignored (RFC 9110 §7.8): then any answer will do. */
  readonly #isExtended: boolean;

  constructor(exchange: Exchange, sockets: AppSockets) {
    super({ frame: NOTHING, body: null, isIdempotent: false, isSafe: false });
    this.#isExtended = exchange.head.isExtendedConnect;
    this.#exchange = exchange;
    this.#sockets = sockets;
    this.#refusal = new AppCall(exchange, sockets.app);
  }

  onRequest(): void {
    const [exchange, sockets] = [this.#exchange, this.#sockets];
    const offer = takeOffer(exchange, sockets);
    if (offer === null) return;
    const number = sockets.nextNumber();
    this.session = new SessionSocket({ exchange, offer, sockets, number });
    const keys = encodeSessionKeys(sockets.factsOf(number).socket, offer.protocols);
    this.frame = encodeExchange(exchange, sockets.app, 0, null, keys);
    sockets.submit(this);
  }

  /** Its worker can be told. */
  onClientEnd(): "drop" {
    return "drop";
  }

  onAbandoned(): void {
    this.#sockets.app.pool.abandon(this);
  }

  onResponse(response: WorkerResponse): void {
    if (this.#isRefusal(response)) this.#refusal.onResponse(response);
  }

  override onInterim(interim: WorkerResponse): void {
    this.#refusal.onInterim(interim);
  }

  override onHead(head: WorkerResponse, source: StreamControl): void {
    if (this.#isRefusal(head)) this.#refusal.onHead(head, source);
    else source.cancel();
  }

  override onChunk(chunk: WorkerResponse): void {
    this.#refusal.onChunk(chunk);
  }

  override onBodyEnd(end: WorkerResponse): void {
    this.#refusal.onBodyEnd(end);
  }

  onFailure(failure: CallFailure): void {
    this.#refusal.onFailure(failure);
  }

  /** To an extended CONNECT 2xx would be a yes: RFC 8441 §5. */
  #isRefusal({ status, error }: WorkerResponse): boolean {
    if (error !== null || status >= 300 || !this.#isExtended) return true;
    const state = `its status is ${status}, 101 accepts a WebSocket of HTTP/2, and 300 to 999 refuses it`;
    this.#exchange.refuse(500, { errorId: this.#sockets.report(`Cannot take the answer to an open: ${state}`) });
    return false;
  }
}

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

  constructor(exchange: Exchange, sockets: AppSockets) {
    super({ frame: NOTHING, body: null, isIdempotent: false, isSafe: false });
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
    this.#refusal.onResponse(response);
  }

  override onInterim(interim: WorkerResponse): void {
    this.#refusal.onInterim(interim);
  }

  override onHead(head: WorkerResponse, source: StreamControl): void {
    this.#refusal.onHead(head, source);
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
}

import type { RequestHead } from "../protocols/http/request-head.ts";
import type { OutgoingResponse, RefusalOptions, ResponseWriter } from "./response-writer.ts";
import type { SpooledBody } from "./body-spool.ts";

/**
 * The user's side of an exchange: what the app does with it. `http/` calls, whoever was handed the exchange implements.
 *
 * Order: `onRequest` once, when the request is complete; then, if the client leaves before it is answered, `onAbandoned`.
 */
export interface ExchangeHandler {
  /** The request is complete, its body included (`null` when it has none). The exchange's head is valid until this returns. */
  onRequest(body: SpooledBody | null): void;
  /** The client sends nothing more, which is all that can be seen of one that left. Returns whether the answer is still worth making. */
  onClientEnd(): "answer" | "drop";
  /** Nobody waits for the answer any more; answering is allowed and does nothing. */
  onAbandoned(): void;
}

/** Decides who answers a request. Called once its head is known and before its body is read; the head is valid during `onRequest` too. */
export type Dispatch = (exchange: Exchange) => ExchangeHandler;

/**
 * One request and its response, whatever the protocol it came by. Everything above the codecs (routing, pools, limits, logs) sees this
 * and nothing else. Invariant: it is answered at most once, and after it is answered or abandoned it holds on to nothing.
 */
export class Exchange {
  readonly head: RequestHead;
  /** The peer as `address:port` in ASCII, made once a connection. */
  readonly remoteAddress: Buffer;
  readonly scheme: "http" | "https";
  #writer: ResponseWriter | null;
  #body: SpooledBody | null = null;
  handler!: ExchangeHandler;

  constructor(head: RequestHead, remoteAddress: Buffer, scheme: "http" | "https", writer: ResponseWriter) {
    this.head = head;
    this.remoteAddress = remoteAddress;
    this.scheme = scheme;
    this.#writer = writer;
  }

  /** True once it is answered or the client is gone. */
  get isEnded(): boolean {
    return this.#writer === null;
  }

  /** Sends a whole response. Its fields and body are read before this returns. */
  respond(response: OutgoingResponse): void {
    this.#end()?.writeResponse(response);
  }

  /** Sends one of the engine's own error responses. */
  refuse(status: number, options?: RefusalOptions): void {
    this.#end()?.writeRefusal(status, options);
  }

  /** Called by the connection: the request is complete. */
  complete(body: SpooledBody | null): void {
    this.#body = body;
    this.handler.onRequest(body);
  }

  /** Called by the connection: the client is gone. */
  abandon(): void {
    if (this.#end() !== null) this.handler.onAbandoned();
  }

  #end(): ResponseWriter | null {
    const writer = this.#writer;
    this.#writer = null;
    this.#body?.dispose();
    this.#body = null;
    return writer;
  }
}

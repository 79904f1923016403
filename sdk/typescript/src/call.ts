import { openAsBlob } from "node:fs";
import type { App } from "./app.ts";
import { type Action, Context, type ContextOwner, type UpgradeOptions } from "./context.ts";
import { Credit } from "./credit.ts";
import type { EngineLink } from "./engine-link.ts";
import { toRequest, UnrepresentableRequestError } from "./incoming-request.ts";
import { asUtf8, textOf, type WireMap } from "./msgpack-reader.ts";
import { type ResponseTarget, sendResponse } from "./outgoing-response.ts";
import { type RequestBody, StreamedBody, wholeBody } from "./request-body.ts";
import { report } from "./report.ts";
import { sendError, sendInterim, sendSwitch, sendWhole } from "./response-frames.ts";
import { assertTrailerName } from "./trailer-name.ts";
import { WebSocketSession } from "./websocket-session.ts";

/** What all calls of a worker share. */
export interface CallOptions {
  readonly app: App;
  readonly link: EngineLink;
  /** Of the welcome: what the engine sends of a body before it is granted more. */
  readonly streamCreditBytes: number;
  /** What responses have not waited for. */
  readonly pending: Set<Promise<unknown>>;
  /** The head of a response in parts has been written. */
  onHead(): void;
  /** The last word about a call has been written. */
  onEnd(call: Call): void;
}

/** One request from its frame to its answer. */
export class Call implements ResponseTarget, ContextOwner {
  readonly id: number;
  readonly link: EngineLink;
  readonly credit: Credit = new Credit(0);
  readonly pending: Set<Promise<unknown>>;
  trailers: Headers | null = null;
  readonly #options: CallOptions;
  readonly #request: WireMap;
  /** Exists once somebody has asked for the signal. */
  #abort: AbortController | null = null;
  #isCancelled = false;
  #body: StreamedBody | null = null;
  #session: WebSocketSession | null = null;
  /** True once the response, or its head, may have been written. */
  #isAnswering = false;
  #isComplete = false;

  constructor(id: number, request: WireMap, options: CallOptions) {
    this.id = id;
    this.#request = request;
    this.#options = options;
    this.link = options.link;
    this.pending = options.pending;
  }

  /** Has the app answer. Never rejects. */
  async run(): Promise<void> {
    const { app } = this.#options;
    try {
      const path = this.#request["body_file"];
      const body = typeof path === "string" ? await openAsBlob(asUtf8(path)) : this.#openBody();
      const context = new Context(this.#request, this);
      const request = toRequest(this.#request, body, context);
      const answer = app.fetch(request, context, context);
      // Waiting for what is there costs a turn of the microtask queue, and a small request has few of them.
      const response = isPromise(answer) ? await answer : answer;
      const ending = this.#session === null ? this.#respond(response) : this.#session.run();
      if (ending !== null) await ending;
      this.#isComplete = true;
    } catch (error) {
      if (error instanceof UnrepresentableRequestError) this.#refuse(error);
      else if (this.#session === null) await this.#fail(error);
      else this.#session.fail(error);
    } finally {
      this.#body?.end();
      this.#options.onEnd(this);
    }
  }

  get signal(): AbortSignal {
    if (this.#abort === null) {
      this.#abort = new AbortController();
      if (this.#isCancelled) this.#abort.abort(leftError());
    }
    return this.#abort.signal;
  }

  /** Nobody waits for the answer any more. */
  cancel(): void {
    this.#isCancelled = true;
    this.#abort?.abort(leftError());
    this.credit.close();
    this.#body?.abort("nobody waits for the response any more");
  }

  /** Takes a frame of the engine that is about this request. */
  take(type: string, frame: WireMap): void {
    switch (type) {
      case "credit":
        (this.#session?.credit ?? this.credit).add(Number(frame["bytes"]));
        break;
      case "cancel":
        this.cancel();
        break;
      case "body":
        this.#body?.push(frame["body"] as Uint8Array);
        break;
      case "body_end":
        this.#body?.end();
        break;
      case "body_abort":
        this.#body?.abort("the client has not sent all of it");
        break;
      case "ws_message":
        this.#session?.receive(frame);
        break;
      case "ws_close":
        this.#session?.onClosed(Number(frame["code"]), asUtf8(textOf(frame, "reason")));
        break;
      default: // W2.4: of a later engine.
    }
  }

  /** The connection to the engine is gone. */
  lose(): void {
    this.cancel();
    this.#session?.onClosed(1006, "");
  }

  grant(byteCount: number): void {
    this.link.sendCredit(this.id, byteCount);
  }

  act(action: Action): void {
    this.link.sendAction(action);
  }

  sendInterim(headers: Headers): void {
    if (!this.#isAnswering && this.#session === null) sendInterim(this, headers);
  }

  addTrailer(name: string, value: string): void {
    if (this.#isComplete) throw new TypeError(`Cannot send the trailer ${name}: the response has ended`);
    assertTrailerName(name);
    (this.trailers ??= new Headers()).append(name, value);
  }

  onHead(): void {
    this.#options.onHead();
  }

  upgrade({ data, headers, protocol: chosen }: UpgradeOptions): boolean {
    const { websocket } = this.#options.app;
    if (this.#request["websocket"] !== true || websocket === undefined || this.#session !== null) return false;
    const fields = new Headers(headers);
    const protocol = chosen ?? subprotocolOf(this.#request, fields.get("sec-websocket-protocol"));
    fields.delete("sec-websocket-protocol");
    sendSwitch(this, fields, protocol);
    this.#session = new WebSocketSession({
      requestId: this.id,
      id: textOf(this.#request, "socket"),
      data,
      remoteAddress: textOf(this.#request, "remote_addr"),
      protocol,
      link: this.link,
      credit: this.credit,
      handler: websocket,
    });
    return true;
  }

  async #fail(reason: unknown): Promise<void> {
    const { app } = this.#options;
    if (this.#isAnswering || app.error === undefined) return sendError(this, reason);
    try {
      await this.#respond(await app.error(reason));
      this.#isComplete = true;
    } catch (error) {
      report("The app's error handler has failed", error);
      sendError(this, reason);
    }
  }

  /** As {@link sendResponse}. */
  #respond(response: Response | undefined): Promise<void> | null {
    if (!(response instanceof Response) && !isResponseLike(response)) {
      throw new TypeError(`Cannot answer: the app returned ${String(response)}, a Response is needed`);
    }
    this.#isAnswering = true;
    return sendResponse(this, response);
  }

  /** Without the app. */
  #refuse({ message }: UnrepresentableRequestError): void {
    sendWhole(this, { status: 501, fields: [["Content-Type", "text/plain"]] }, `${message}\n`);
  }

  #openBody(): RequestBody | null {
    if (this.#request["body_stream"] !== true) return wholeBody(this.#request);
    this.#body = new StreamedBody(this, this.#options.streamCreditBytes);
    return this.#body.stream;
  }
}

/** What a client offers it expects to be answered: browsers give up a WebSocket without. As on Bun, that is the first unless the app says another. */
function subprotocolOf(request: WireMap, named: string | null): string {
  const offered = ((request["protocols"] ?? []) as readonly string[]).map(asUtf8);
  return (named === null ? offered[0] : offered.find((protocol) => protocol === named)) ?? "";
}

function leftError(): DOMException {
  return new DOMException("The client has left, or the time for the request is over", "AbortError");
}

function isPromise<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof (value as PromiseLike<T> | undefined)?.then === "function";
}

/** Frameworks bring their own class of the same shape. */
function isResponseLike(value: unknown): value is Response {
  return value !== null && typeof value === "object" && "status" in value && "headers" in value && "body" in value;
}

import { assert } from "../../base/assert.ts";
import { HttpError } from "../../protocols/http/http-error.ts";
import { CONTENT_TOO_LARGE } from "../../protocols/http/limit-errors.ts";
import { refusalText } from "../../protocols/http/refusal-text.ts";
import type { RequestHead } from "../../protocols/http/request-head.ts";
import { Exchange } from "../exchange.ts";
import { Http3Body } from "./http3-body.ts";
import type { Http3Context } from "./http3-context.ts";
import { type Http3ResponseHead, http3ResponseHead } from "./http3-response-head.ts";
import { Http3Upload, type Http3UploadOwner } from "./http3-upload.ts";
import type { BodyWriter, OutgoingHead, OutgoingResponse, RefusalOptions, ResponseWriter } from "../response-writer.ts";

/**
 * One request over HTTP/3, between the runtime, which wants a `Response`, and an exchange. RFC 9114.
 *
 * Invariant: `response` is settled once, with the answer's head; it stays open for a client that has left.
 */
export class Http3Request implements ResponseWriter, Http3UploadOwner {
  readonly httpMajor = 3;
  readonly #context: Http3Context;
  readonly #client: string;
  readonly #response = Promise.withResolvers<Response>();
  #exchange: Exchange | null = null;
  #upload: Http3Upload | null = null;
  #body: Http3Body | null = null;
  #isHead = false;

  /** @param client `address:port`, as it was when the request came. */
  constructor(context: Http3Context, client: string) {
    this.#context = context;
    this.#client = client;
  }

  /** The answer's head, with its content or a stream of it. */
  get response(): Promise<Response> {
    return this.#response.promise;
  }

  /** Has the request dispatched; `response` follows. */
  serve(request: Request): void {
    this.#isHead = request.method === "HEAD";
    try {
      this.#begin(request);
    } catch (error) {
      if (error instanceof HttpError) this.onUploadRefused(error);
      else this.#contain(error);
    }
  }

  #begin(request: Request): void {
    const { heads, counters, bodyBytesMax } = this.#context;
    const { body } = request;
    const head = body === null ? heads.read(request) : heads.readCopy(request);
    counters.requests++;
    request.signal.addEventListener("abort", () => this.onUploadLost(), { once: true });
    const exchange = this.#open(head);
    if (head.contentLength > bodyBytesMax) {
      counters.protocolErrors++;
      exchange.refuse(CONTENT_TOO_LARGE);
    }
    if (body === null) {
      if (!exchange.isEnded) exchange.complete(null);
    } else {
      this.#upload = new Http3Upload(body as ReadableStream<Uint8Array>, exchange, this.#context, this);
      if (exchange.isEnded) this.#upload.cancel();
      else this.#upload.start();
    }
  }

  #open(head: RequestHead): Exchange {
    const exchange = new Exchange(
      head,
      Buffer.from(this.#client, "latin1"),
      this.#context.scheme,
      this,
      this.#context.facts,
    );
    this.#exchange = exchange;
    exchange.handler = this.#context.dispatch(exchange);
    return exchange;
  }

  /** Answers what breaks a rule or a limit. What has been answered in part is cut. */
  onUploadRefused(error: HttpError): void {
    const { counters, log } = this.#context;
    counters.protocolErrors++;
    log.debug("request refused", { status: error.status, error, client: this.#client });
    const { status } = error;
    if (this.#exchange !== null) this.#exchange.abandon(status);
    else this.#context.onUnreadable?.({ status, client: this.#client, httpMajor: 3 });
    if (this.#body === null) this.writeRefusal(error.status, undefined);
    else this.#body.abort();
  }

  /** The client has left. */
  onUploadLost(): void {
    const exchange = this.#exchange;
    this.#upload?.cancel();
    if (exchange === null || exchange.isEnded) return;
    this.#context.counters.abandoned++;
    exchange.abandon();
  }

  onUploadFailed(error: Error): void {
    const { counters, log, spool } = this.#context;
    counters.spoolFailures++;
    log.error("request body cannot be stored", { directory: spool.directory, error });
    this.#exchange?.refuse(503, { retryAfterS: 1 });
  }

  writeResponse({ status, fields, bodyBytes, bodyStart, bodyEnd }: OutgoingResponse): void {
    this.#finish();
    const bodyByteLength = bodyEnd - bodyStart;
    const { init, hasContent } = http3ResponseHead({ status, fields, bodyByteLength, isHead: this.#isHead });
    const content = hasContent ? Uint8Array.prototype.slice.call(bodyBytes, bodyStart, bodyEnd) : null;
    this.#response.resolve(responseOf(content, init));
  }

  writeRefusal(status: number, { allow, fields, errorId, retryAfterS }: RefusalOptions = {}): void {
    this.#finish();
    const bytes = Buffer.from(refusalText(status, errorId), "latin1");
    const facts = { status, fields: null, bodyByteLength: bytes.length, isHead: this.#isHead };
    const { init, hasContent } = http3ResponseHead(facts);
    init.headers.set("Content-Type", "text/plain");
    if (allow !== undefined) init.headers.set("Allow", allow);
    for (const [name, value] of fields ?? []) init.headers.append(name, value);
    if (retryAfterS !== undefined) init.headers.set("Retry-After", String(retryAfterS));
    this.#response.resolve(responseOf(hasContent ? bytes : null, init));
  }

  writeInterim(): void {
    // The runtime has no way to send one, and a response is complete without.
  }

  writeUpgrade(): never {
    // RequestSection refuses both ways to ask for it.
    assert(false, "no request over HTTP/3 asks for another protocol");
  }

  beginBody(head: OutgoingHead, bodyByteLength: number, onTaken: (byteCount: number) => void): BodyWriter | null {
    const { wheel, deadlines, counters } = this.#context;
    const { init, hasContent } = http3ResponseHead({ ...head, bodyByteLength, isHead: this.#isHead });
    counters.responses++;
    if (!hasContent) {
      this.#upload?.cancel();
      this.#response.resolve(new Response(null, init));
      return null;
    }
    const body = new Http3Body({
      wheel,
      stallMs: deadlines.writeMs,
      onTaken,
      onLeft: () => this.onUploadLost(),
      onStalled: () => this.#stalled(),
    });
    this.#body = body;
    this.#response.resolve(new Response(body.stream, init));
    return body;
  }

  #stalled(): void {
    this.#context.counters.timedOut++;
    this.#upload?.cancel();
    this.#exchange?.abandon();
  }

  #finish(): void {
    this.#context.counters.responses++;
    this.#upload?.cancel();
  }

  /** A bug costs its request. */
  #contain(error: unknown): void {
    this.#context.log.error("request handler failed", {
      error: error instanceof Error ? error : new Error(String(error)),
    });
    this.#exchange?.abandon();
    this.writeRefusal(500, undefined);
  }
}

/**
 * A response that is whole. To bytes without a type the runtime gives one of its own, and not to a stream; but of a stream that is longer than some
 * hundred bytes it leaves the Content-Length out.
 */
function responseOf(content: Uint8Array<ArrayBuffer> | null, init: Http3ResponseHead["init"]): Response {
  if (content === null || init.headers.has("Content-Type")) return new Response(content, init);
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(content);
      controller.close();
    },
  });
  return new Response(stream, init);
}

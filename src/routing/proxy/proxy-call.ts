import {
  UpstreamCall,
  type UpstreamCallOptions,
  type UpstreamFailure,
  type UpstreamListener,
} from "../../clients/http/upstream-call.ts";
import type { UpstreamConnections } from "../../clients/http/upstream-connections.ts";
import type { SpooledBody } from "../../http/body/body-spool.ts";
import type { BodyIntake, Exchange, ExchangeHandler } from "../../http/exchange.ts";
import type { RequestStream } from "../../http/body/request-stream.ts";
import type { ResponseStream } from "../../http/response-stream.ts";
import type { Connection } from "../../kernel/connection.ts";
import { DialTimeoutError } from "../../kernel/dial.ts";
import type { FieldBlock } from "../../protocols/http/field-block.ts";
import type { HttpLimits } from "../../protocols/http1/limits.ts";
import type { ResponseHead } from "../../protocols/http1/response-head-decoder.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { encodeProxyRequest } from "./proxy-request.ts";
import { type SocketSwitch, socketSwitchOf } from "./proxy-switch.ts";
import type { ProxyTunnels } from "./proxy-tunnel.ts";
import { ProxyUpload } from "./proxy-upload.ts";

/** Of a response that wait for the client before the upstream is not read any more; at half of it, it goes on. */
const UNTAKEN_BYTES_MAX = 256 * 1024;

/** What all calls of a route to an upstream share. */
export interface ProxyContext {
  readonly connections: UpstreamConnections;
  /** Between two signs of life of the upstream. */
  readonly timeoutMs: number;
  /** How long neither side of a WebSocket may send anything. */
  readonly socketSilenceMs: number;
  readonly tunnels: ProxyTunnels;
  readonly limits: HttpLimits;
  readonly log: Logger;
}

/**
 * Hands one exchange to an upstream: the body of the request as it arrives, the response as it comes, each no faster than whoever takes it.
 * Until the response has begun a failure is 502, or 504 for want of time; afterwards it is cut.
 *
 * Invariant: no request is run twice. Only one that may be (RFC 9110 §9.2.2) and has no body goes on a connection that has had others, and
 * is repeated where that had ended before; every other one gets a connection of its own.
 */
export class ProxyCall implements ExchangeHandler, UpstreamListener {
  readonly bodyIntake: BodyIntake = "parts";
  readonly #exchange: Exchange;
  readonly #context: ProxyContext;
  readonly #isHead: boolean;
  readonly #isIdempotent: boolean;
  /** How it asks for a WebSocket; `null` where it does not. */
  readonly #switch: SocketSwitch | null;
  /** Writes the request, once a connection stands. */
  #send: (connection: Connection) => void = () => {};
  #call: UpstreamCall | null = null;
  #upload: ProxyUpload | null = null;
  #download: ResponseStream | null = null;
  #untakenBytes = 0;
  /** When the request was sent, in milliseconds; -1 before. */
  #sentMs = -1;

  constructor(exchange: Exchange, context: ProxyContext) {
    const { head } = exchange;
    this.#exchange = exchange;
    this.#context = context;
    this.#isHead = head.isMethod("HEAD");
    this.#isIdempotent = IDEMPOTENT.some((method) => head.isMethod(method));
    this.#switch = socketSwitchOf(head);
  }

  get isRequestSent(): boolean {
    return this.#upload === null || this.#upload.isComplete;
  }

  onRequest(body: SpooledBody | null): void {
    const request = this.#encode(body === null ? null : body.byteLength);
    this.#send = (connection) => {
      connection.write(request);
      body?.read((bytes, start, end) => connection.write(bytes, start, end));
    };
    const mayRepeat = body === null && this.#isIdempotent && this.#switch === null;
    const idle = mayRepeat ? this.#context.connections.take() : null;
    if (idle === null) {
      void this.#connect();
    } else {
      this.#call = this.#createCall(idle, true);
      idle.handler = this.#call;
      this.#sentMs = performance.now();
      this.#send(idle);
    }
  }

  onRequestStream(body: RequestStream): void {
    const { contentLength } = this.#exchange.head;
    const request = this.#encode(contentLength);
    this.#send = (connection) => {
      connection.write(request);
      this.#upload = new ProxyUpload(body, connection, contentLength < 0, () => this.#call?.cancel());
      this.#upload.start();
    };
    void this.#connect();
  }

  /** A client that only has nothing more to say looks the same as one that left, and the upstream may be busy for long. */
  onClientEnd(): "answer" | "soon" {
    return this.#download?.isBounded === true ? "answer" : "soon";
  }

  onAbandoned(): void {
    this.#upload?.stop();
    this.#call?.cancel();
  }

  onInterim(head: ResponseHead): void {
    // Ours is sent when the body is read.
    if (head.status !== 100) this.#exchange.interim(head);
  }

  onHead(head: ResponseHead): void {
    this.#time();
    this.#download = this.#exchange.begin(head, (byteCount) => this.#onTaken(byteCount));
    // Another answer may have gone out in its place, and what is left of this one may never end.
    if (this.#download === null && this.#switch !== null) this.#call?.cancel();
  }

  onBodyBytes(bytes: Buffer, start: number, end: number): void {
    this.#untakenBytes += end - start;
    this.#download?.write(bytes, start, end);
    if (this.#untakenBytes > UNTAKEN_BYTES_MAX) this.#call?.pause();
  }

  onBodyEnd(trailers: FieldBlock | null): void {
    this.#upload?.stop();
    this.#time();
    this.#download?.end(trailers);
  }

  onSwitched(head: ResponseHead, connection: Connection, early: Buffer): void {
    const { tunnels, socketSilenceMs: silenceMs } = this.#context;
    const isOpen = this.#switch?.open(this.#exchange, head, { upstream: connection, early, silenceMs, tunnels });
    if (isOpen === true) return;
    connection.close();
    if (!this.#exchange.isEnded) this.onFailed("malformed");
  }

  onFailed(failure: UpstreamFailure): void {
    if (failure === "stale") {
      void this.#connect();
      return;
    }
    this.#upload?.stop();
    this.#time();
    this.#context.log.warn("upstream failed", { failure, hasBegun: this.#download !== null });
    if (this.#download !== null) this.#download.abort();
    else this.#exchange.refuse(failure === "timeout" ? 504 : 502);
  }

  onDrain(): void {
    this.#upload?.grant();
  }

  #encode(bodyByteLength: number | null): Buffer {
    const asksToSwitch = this.#switch !== null;
    return encodeProxyRequest(this.#exchange, {
      bodyByteLength,
      asksToSwitch,
      socketKey: this.#switch?.ownKey ?? null,
    });
  }

  #onTaken(byteCount: number): void {
    this.#untakenBytes -= byteCount;
    if (this.#untakenBytes <= UNTAKEN_BYTES_MAX / 2) this.#call?.resume();
  }

  /** Tells whoever keeps track how long the upstream has taken so far. */
  #time(): void {
    const { trace } = this.#exchange;
    if (trace !== null && this.#sentMs !== -1) trace.workMs = performance.now() - this.#sentMs;
  }

  #createCall(connection: Connection, isReused: boolean): UpstreamCall {
    const { connections, limits, timeoutMs } = this.#context;
    const options: UpstreamCallOptions = {
      limits,
      isHead: this.#isHead,
      asksToSwitch: this.#switch !== null,
      isReused,
      timeoutMs,
      listener: this,
      onReusable: (reusable, idleMs) => connections.keep(reusable, idleMs),
    };
    return new UpstreamCall(connection, options);
  }

  /** Sends the request on a connection of its own. */
  async #connect(): Promise<void> {
    const { connections, log } = this.#context;
    try {
      const connection = await connections.open((opened) => (this.#call = this.#createCall(opened, false)));
      if (this.#exchange.isEnded) {
        this.#call?.cancel();
        return;
      }
      this.#sentMs = performance.now();
      this.#send(connection);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      log.warn("upstream cannot be reached", { reason: code ?? message });
      this.#exchange.refuse(error instanceof DialTimeoutError ? 504 : 502);
    }
  }
}

/** RFC 9110 §9.2.2. */
const IDEMPOTENT = ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"];

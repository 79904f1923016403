import { UpstreamCall, type UpstreamFailure, type UpstreamListener } from "../clients/http/upstream-call.ts";
import type { SpooledBody } from "../http/body-spool.ts";
import type { BodyIntake, Exchange, ExchangeHandler } from "../http/exchange.ts";
import type { RequestStream } from "../http/request-stream.ts";
import type { ResponseStream } from "../http/response-stream.ts";
import type { Connection } from "../kernel/connection.ts";
import { dial, DialTimeoutError } from "../kernel/dial.ts";
import type { SocketAddress } from "../kernel/socket-address.ts";
import type { TimerWheel } from "../kernel/timer-wheel.ts";
import type { HttpLimits } from "../protocols/http1/limits.ts";
import type { ResponseHead } from "../protocols/http1/response-head-decoder.ts";
import type { Logger } from "../telemetry/logger.ts";
import { encodeProxyRequest } from "./proxy-request.ts";
import { ProxyUpload } from "./proxy-upload.ts";

/** Of a response that wait for the client before the upstream is not read any more; at half of it, it goes on. */
const UNTAKEN_BYTES_MAX = 256 * 1024;

/** What all calls of a route to an upstream share. */
export interface ProxyContext {
  readonly address: SocketAddress;
  readonly connectTimeoutMs: number;
  /** Between two signs of life of the upstream. */
  readonly timeoutMs: number;
  readonly limits: HttpLimits;
  readonly wheel: TimerWheel;
  readonly log: Logger;
}

/**
 * Hands one exchange to an upstream, on a connection of its own: the body of the request as it arrives, the response as it comes, each no
 * faster than whoever takes it. Until the response has begun a failure is 502, or 504 for want of time; afterwards it is cut.
 */
export class ProxyCall implements ExchangeHandler, UpstreamListener {
  readonly bodyIntake: BodyIntake = "parts";
  readonly #exchange: Exchange;
  readonly #context: ProxyContext;
  readonly #isHead: boolean;
  #call: UpstreamCall | null = null;
  #upload: ProxyUpload | null = null;
  #download: ResponseStream | null = null;
  #untakenBytes = 0;

  constructor(exchange: Exchange, context: ProxyContext) {
    this.#exchange = exchange;
    this.#context = context;
    this.#isHead = exchange.head.isMethod("HEAD");
  }

  onRequest(body: SpooledBody | null): void {
    const request = encodeProxyRequest(this.#exchange, body === null ? null : body.byteLength);
    void this.#connect((connection) => {
      connection.write(request);
      body?.read((bytes, start, end) => connection.write(bytes, start, end));
    });
  }

  onRequestStream(body: RequestStream): void {
    const { contentLength } = this.#exchange.head;
    const request = encodeProxyRequest(this.#exchange, contentLength);
    void this.#connect((connection) => {
      connection.write(request);
      this.#upload = new ProxyUpload(body, connection, contentLength < 0, () => this.#call?.cancel());
      this.#upload.start();
    });
  }

  /** A client that only has nothing more to say looks the same as one that left, and the upstream may be busy for long. */
  onClientEnd(): "drop" {
    return "drop";
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
    this.#download = this.#exchange.begin(head, (byteCount) => this.#onTaken(byteCount));
  }

  onBodyBytes(bytes: Buffer, start: number, end: number): void {
    this.#untakenBytes += end - start;
    this.#download?.write(bytes, start, end);
    if (this.#untakenBytes > UNTAKEN_BYTES_MAX) this.#call?.pause();
  }

  onBodyEnd(): void {
    this.#upload?.stop();
    this.#download?.end();
  }

  onFailed(failure: UpstreamFailure): void {
    this.#upload?.stop();
    this.#context.log.warn("upstream failed", { failure, hasBegun: this.#download !== null });
    if (this.#download !== null) this.#download.abort();
    else this.#exchange.refuse(failure === "timeout" ? 504 : 502);
  }

  onDrain(): void {
    this.#upload?.grant();
  }

  #onTaken(byteCount: number): void {
    this.#untakenBytes -= byteCount;
    if (this.#untakenBytes <= UNTAKEN_BYTES_MAX / 2) this.#call?.resume();
  }

  /** @param send writes the request, once the connection stands. */
  async #connect(send: (connection: Connection) => void): Promise<void> {
    const { address, connectTimeoutMs, timeoutMs, limits, wheel, log } = this.#context;
    try {
      const open = (connection: Connection): UpstreamCall => {
        const options = { limits, isHead: this.#isHead, timeoutMs, listener: this };
        return (this.#call = new UpstreamCall(connection, options));
      };
      const connection = await dial({ address, connectTimeoutMs, stallMs: timeoutMs, wheel, monitor: () => {}, open });
      if (this.#exchange.isEnded) this.#call?.cancel();
      else send(connection);
    } catch (error) {
      log.warn("upstream cannot be reached", { error: error as Error });
      this.#exchange.refuse(error instanceof DialTimeoutError ? 504 : 502);
    }
  }
}

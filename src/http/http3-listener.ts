import { VilyaError } from "../base/errors.ts";
import type { ServerConfig } from "../config/config.ts";
import { formatSocketAddress } from "../kernel/socket-address.ts";
import type { TimerWheel } from "../kernel/timer-wheel.ts";
import type { TlsCertificate, TlsCredentialsOptions } from "../kernel/tls-credentials.ts";
import { namesShown, TlsCredentials } from "../kernel/tls-credentials.ts";
import type { Logger } from "../telemetry/logger.ts";
import { BodyMemory } from "./body-memory.ts";
import type { Dispatch } from "./exchange.ts";
import type { Http3Context } from "./http3-context.ts";
import { Http3HeadReader } from "./http3-head-reader.ts";
import { Http3Request } from "./http3-request.ts";
import { HttpCounters } from "./http-counters.ts";

/** The most that the runtime takes for the time a connection may be idle. */
const IDLE_S_MAX = 255;

/** For a certificate that carries no name, where others stand beside it: no client asks for this one (RFC 6761 §6.4). */
const NO_NAME = "unnamed.invalid";

/** The UDP port cannot be bound. The runtime does not tell why: another process holds it, or this user may not use it. */
export class Http3ListenError extends VilyaError {
  readonly code = "VILYA_HTTP3_LISTEN";

  constructor(address: string, options?: ErrorOptions) {
    const allowed = "a port that no other process holds and that this user may use is allowed";
    super(`Cannot serve HTTP/3 on ${address}: its UDP port cannot be bound, ${allowed}`, options);
  }
}

export interface Http3ListenerOptions {
  /** A UDP port; 0 lets the kernel pick one. */
  readonly address: { readonly host: string; readonly port: number };
  readonly credentials: TlsCredentialsOptions;
  readonly server: ServerConfig;
  /** Where bodies too large for memory go. */
  readonly bodyDirectory: string;
  readonly dispatch: Dispatch;
  readonly wheel: TimerWheel;
  readonly log: Logger;
}

/**
 * Serves HTTP/3 on a UDP port, by the runtime's own QUIC. It has no socket to hand over, so it binds one itself, and no way to show another
 * certificate, so it is stopped and started for that.
 */
export class Http3Listener {
  readonly counters: HttpCounters = new HttpCounters();
  readonly #options: Http3ListenerOptions;
  readonly #context: Http3Context;
  readonly #port: number;
  #server: Bun.Server<unknown>;
  /** Settles when what runs is stopped; it waits for what is in flight. */
  #stopped: Promise<void> | null = null;
  /** Ends the wait of a stop that has waited long enough. */
  readonly #cut = Promise.withResolvers<void>();

  /** @throws {Http3ListenError} when the port cannot be bound. */
  constructor(options: Http3ListenerOptions) {
    const { server, bodyDirectory, dispatch, wheel, log } = options;
    const memory = new BodyMemory(server.bodyMemoryBytesTotalMax);
    this.#options = options;
    this.#context = {
      dispatch,
      deadlines: server.deadlines,
      bodyBytesMax: server.bodyBytesMax,
      spool: { memoryBytesMax: server.bodyMemoryBytesMax, memory, directory: bodyDirectory },
      requestsPerConnectionMax: 0,
      scheme: "https",
      log,
      counters: this.counters,
      isDraining: false,
      heads: new Http3HeadReader(server.limits),
      wheel,
    };
    this.#server = this.#open(options.address.port, options.credentials);
    this.#port = this.#server.port!;
  }

  get port(): number {
    return this.#port;
  }

  /** Requests in flight: the runtime tells of no connections. */
  get connectionCount(): number {
    return this.#server.pendingRequests;
  }

  /** Clients are told by `stopAccepting`, which comes with a GOAWAY of its own. */
  announceClose(): void {
    this.#context.isDraining = true;
  }

  stopQueueing(): void {
    // Nothing queues up: a connection begins with its first packet.
  }

  /** Takes no further request; those in flight go on. */
  stopAccepting(): void {
    this.#context.isDraining = true;
    this.#stopped ??= this.#server.stop();
  }

  /** Resolves when the last response has left. */
  async whenEmpty(): Promise<void> {
    if (this.#stopped !== null) await Promise.race([this.#stopped, this.#cut.promise]);
  }

  /** Closes every connection, whatever it is doing; returns how many requests were cut. */
  closeConnections(): number {
    const { pendingRequests } = this.#server;
    this.#cut.resolve();
    this.#stopped = this.#server.stop(true);
    return pendingRequests;
  }

  /**
   * Shows other certificates once what is in flight has ended, for which it is given the grace of a stop; until then no new connection is
   * taken, and clients come over TCP.
   *
   * @throws {TlsCredentialsError} and goes on with those it had.
   */
  replaceCredentials(credentials: TlsCredentialsOptions): void {
    void new TlsCredentials(credentials);
    void this.#replace(credentials);
  }

  async #replace(credentials: TlsCredentialsOptions): Promise<void> {
    const { log, server } = this.#options;
    const grace = Promise.withResolvers<void>();
    const timer = setTimeout(grace.resolve, server.graceTimeoutMs);
    const old = this.#server;
    await Promise.race([old.stop(), grace.promise, this.#cut.promise]);
    clearTimeout(timer);
    await old.stop(true);
    // A second reload, or a stop, may have overtaken this one.
    if (this.#context.isDraining || this.#server !== old) return;
    try {
      this.#server = this.#open(this.#port, credentials);
      log.info("HTTP/3 certificates replaced", { port: this.#port });
    } catch (error) {
      log.error("HTTP/3 not served any more", { error: error as Error });
    }
  }

  #open(port: number, { certificates }: TlsCredentialsOptions): Bun.Server<unknown> {
    const { address, server } = this.#options;
    const idleTimeout = Math.min(IDLE_S_MAX, Math.ceil(server.deadlines.idleMs / 1000));
    const options = {
      hostname: address.host,
      port,
      http1: false,
      http3: true,
      tls: serverNames(certificates),
      idleTimeout,
      // Ours counts, and answers: the runtime's would close the connection.
      maxRequestBodySize: Infinity,
      development: false,
      // Without it the runtime shares the port with whoever binds it next, who would then get packets of our connections.
      reusePort: false,
      fetch: (request: Request, from: Bun.Server<unknown>) => this.#serve(request, from),
    };
    try {
      return Bun.serve(options);
    } catch (error) {
      throw new Http3ListenError(formatSocketAddress({ host: address.host, port }), { cause: error });
    }
  }

  #serve(request: Request, from: Bun.Server<unknown>): Promise<Response> {
    const peer = from.requestIP(request);
    const client = peer === null ? "unknown" : formatSocketAddress({ host: peer.address, port: peer.port });
    const exchange = new Http3Request(this.#context, client);
    const { connectionCountMax } = this.#options.server;
    if (from.pendingRequests > connectionCountMax) exchange.writeRefusal(503, { retryAfterS: 1 });
    else exchange.serve(request);
    return exchange.response;
  }
}

/** One entry a name; a client that asks for none of them gets the first. */
function serverNames(certificates: readonly TlsCertificate[]): Bun.TLSOptions | Bun.TLSOptions[] {
  const entries = certificates.flatMap((certificate, index) => {
    const { certificatePem: cert, keyPem: key } = certificate;
    const names = namesShown(certificate);
    // What carries no name is for nobody, unless it is the first.
    const shown = names.length === 0 && index === 0 ? [NO_NAME] : names;
    return shown.map((serverName) => ({ serverName, cert, key }));
  });
  const [first] = entries;
  return entries.length === 1 && first !== undefined ? { cert: first.cert, key: first.key } : entries;
}

import { VilyaError } from "../../base/errors.ts";
import type { ServerConfig } from "../../config/server-config.ts";
import { formatSocketAddress, unmapIpv4 } from "../../kernel/socket-address.ts";
import { Deadline, type DeadlineOwner, type TimerWheel } from "../../kernel/timer-wheel.ts";
import type { TlsCertificate, TlsCredentialsOptions } from "../../kernel/tls-credentials.ts";
import { namesShown, TlsCredentials } from "../../kernel/tls-credentials.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { BodyMemory } from "../body/body-memory.ts";
import type { Dispatch } from "../exchange.ts";
import { LiveConnectionFacts } from "../connection-facts.ts";
import type { HttpContext } from "../http-context.ts";
import type { Http3Context } from "./http3-context.ts";
import { Http3HeadReader } from "./http3-head-reader.ts";
import { Http3Request } from "./http3-request.ts";
import { HttpCounters } from "../http-counters.ts";

/** The most that the runtime takes for the time a connection may be idle. */
const IDLE_S_MAX = 255;

/** How often a port that is taken is tried. */
const RETRY_MS = 500;

/** How often it is tried while the one who holds it is about to let go of it. */
const HANDOVER_RETRY_MS = 50;

/** Beyond the grace: the runtime lets go of a port some time after it says that it has stopped, a front after it is gone. */
const HANDOVER_MARGIN_MS = 10_000;

const HOLDERS = { front: "the front before this one", certificates: "the socket with the old certificates" } as const;

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
  /** True when another front has the port and leaves it within its grace: until then it is no error that the port is taken. Default false. */
  readonly isSuccessor?: boolean;
  readonly server: ServerConfig;
  /** Where bodies too large for memory go. */
  readonly bodyDirectory: string;
  /** Where bodies go that an app takes as files; without it nobody's do. */
  readonly bodyFileDirectory?: string | null;
  readonly dispatch: Dispatch;
  /** Told of requests that are refused before `dispatch` hears of them. */
  readonly onUnreadable?: HttpContext["onUnreadable"];
  readonly wheel: TimerWheel;
  readonly log: Logger;
}

/**
 * Serves HTTP/3 on a UDP port, by the runtime's own QUIC. It takes no socket over, so it binds one itself, and has no way to show another
 * certificate, so it is stopped and started for that.
 *
 * A port that is taken is tried again until it is free: a front that is replaced keeps it until its last request has its answer. Meanwhile
 * clients come over TCP, as they do wherever UDP does not get through.
 */
export class Http3Listener implements DeadlineOwner {
  readonly counters: HttpCounters = new HttpCounters();
  /** The runtime accepts, and refuses nobody for us. */
  readonly refusedCount = 0;
  /** The runtime tells nothing of TLS. */
  readonly tls = null;
  readonly #options: Http3ListenerOptions;
  readonly #context: Http3Context;
  readonly #retry = new Deadline(this);
  #credentials: TlsCredentialsOptions;
  /** Those that clients get until the next start. */
  #shown: TlsCredentialsOptions | null = null;
  /** The one in `address`, or the one that the kernel picked. */
  #port: number;
  /** Null while the port cannot be had. */
  #server: Bun.Server<unknown> | null = null;
  /** Settles when everything that ran has ended. */
  #stopped: Promise<void> = Promise.resolve();
  /** Ends the waits for what is in flight. */
  readonly #cut = Promise.withResolvers<void>();
  /** Why the port may be taken for a while; null when it should be free. */
  #handover: "front" | "certificates" | null;
  #handoverEndsMs: number;
  #hasWaited = false;
  #hasFailed = false;

  constructor(options: Http3ListenerOptions) {
    const { server, bodyDirectory, bodyFileDirectory = null, dispatch, wheel, log, address, credentials } = options;
    const memory = new BodyMemory(server.bodyMemoryBytesTotalMax);
    this.#options = options;
    this.#credentials = credentials;
    this.#port = address.port;
    this.#handover = options.isSuccessor === true ? "front" : null;
    this.#handoverEndsMs = wheel.nowMs() + server.graceTimeoutMs + HANDOVER_MARGIN_MS;
    this.#context = {
      dispatch,
      onUnreadable: options.onUnreadable,
      deadlines: server.deadlines,
      bodyBytesMax: server.bodyBytesMax,
      spool: {
        memoryBytesMax: server.bodyMemoryBytesMax,
        memory,
        directory: bodyDirectory,
        namedDirectory: bodyFileDirectory,
      },
      requestsPerConnectionMax: 0,
      scheme: "https",
      socketPath: null,
      log,
      counters: this.counters,
      isDraining: false,
      altSvc: null,
      heads: new Http3HeadReader(server.limits),
      facts: new LiveConnectionFacts(this, null),
      wheel,
    };
    this.#open();
  }

  /** Bytes of request bodies that are held in memory. */
  get bodyMemoryBytes(): number {
    return this.#context.spool.memory.bytes;
  }

  get port(): number {
    return this.#port;
  }

  /** What is listened on, which stands for the end of every connection: the runtime does not tell that. */
  get localAddress(): string {
    return formatSocketAddress({ host: this.#options.address.host, port: this.#port });
  }

  /** False while the port cannot be had, and after a stop. */
  get isListening(): boolean {
    return this.#server !== null;
  }

  /** Requests in flight: the runtime tells of no connections. */
  get connectionCount(): number {
    return this.#server?.pendingRequests ?? 0;
  }

  /** Takes no further request and says so to every client (GOAWAY, RFC 9114 §5.2); requests in flight go on. */
  stopListening(): void {
    if (this.#context.isDraining) return;
    this.#context.isDraining = true;
    this.#options.wheel.remove(this.#retry);
    if (this.#server !== null) this.#stopped = this.#server.stop();
  }

  announceClose(): void {
    // Clients cannot be told before requests are refused: `stopAccepting` does both.
  }

  stopQueueing(): void {
    // Nothing queues up: a connection begins with its first packet.
  }

  stopAccepting(): void {
    this.stopListening();
  }

  /** Resolves when the last response has left. */
  async whenEmpty(): Promise<void> {
    await Promise.race([this.#stopped, this.#cut.promise]);
  }

  /** Closes every connection, whatever it is doing; returns how many requests were cut. */
  closeConnections(): number {
    const { connectionCount } = this;
    this.stopListening();
    this.#cut.resolve();
    void this.#server?.stop(true);
    return connectionCount;
  }

  /**
   * Shows other certificates once what is in flight has ended, for which it is given the grace of a stop; until then no new connection is
   * taken, and clients come over TCP.
   *
   * @throws {TlsCredentialsError} and goes on with those it had.
   */
  replaceCredentials(credentials: TlsCredentialsOptions): void {
    void new TlsCredentials(credentials);
    const isUnderWay = this.#credentials !== this.#shown;
    this.#credentials = credentials;
    if (this.#server !== null && !isUnderWay) void this.#reopen(this.#server);
  }

  onDeadline(): void {
    this.#open();
  }

  async #reopen(old: Bun.Server<unknown>): Promise<void> {
    const { server, wheel } = this.#options;
    const grace = Promise.withResolvers<void>();
    const timer = setTimeout(grace.resolve, server.graceTimeoutMs);
    await Promise.race([old.stop(), grace.promise, this.#cut.promise]);
    clearTimeout(timer);
    await old.stop(true);
    if (this.#context.isDraining) return;
    this.#server = null;
    this.#handover = "certificates";
    this.#handoverEndsMs = wheel.nowMs() + HANDOVER_MARGIN_MS;
    this.#open();
  }

  #open(): void {
    const { address, log } = this.#options;
    try {
      this.#server = this.#listen(address.host);
    } catch (error) {
      this.#waitForPort(error);
      return;
    }
    this.#shown = this.#credentials;
    this.#port = this.#server.port ?? address.port;
    if (this.#handover === "certificates") log.info("HTTP/3 certificates replaced", { port: this.#port });
    else if (this.#hasWaited || this.#hasFailed) log.info("HTTP/3 served", { port: this.#port });
    this.#handover = null;
    this.#hasWaited = false;
    this.#hasFailed = false;
  }

  #waitForPort(cause: unknown): void {
    const { address, log, wheel } = this.#options;
    if (this.#handover !== null && wheel.nowMs() < this.#handoverEndsMs) {
      wheel.set(this.#retry, HANDOVER_RETRY_MS);
      if (!this.#hasWaited)
        log.info("HTTP/3 waits for its port", { port: this.#port, holder: HOLDERS[this.#handover] });
      this.#hasWaited = true;
      return;
    }
    wheel.set(this.#retry, RETRY_MS);
    const error = new Http3ListenError(formatSocketAddress({ host: address.host, port: this.#port }), { cause });
    if (!this.#hasFailed) log.error("HTTP/3 not served yet", { error, retryMs: RETRY_MS });
    this.#hasFailed = true;
  }

  #listen(hostname: string): Bun.Server<unknown> {
    const { server } = this.#options;
    return Bun.serve({
      hostname,
      port: this.#port,
      http1: false,
      http3: true,
      tls: serverNames(this.#credentials.certificates),
      idleTimeout: Math.min(IDLE_S_MAX, Math.ceil(server.deadlines.idleMs / 1000)),
      // Ours counts, and answers: the runtime's would close the connection.
      maxRequestBodySize: Infinity,
      development: false,
      // Without it the runtime shares the port with whoever binds it next, who would then get packets of our connections.
      reusePort: false,
      fetch: (request: Request, from: Bun.Server<unknown>) => this.#serve(request, from),
    });
  }

  #serve(request: Request, from: Bun.Server<unknown>): Promise<Response> {
    const peer = from.requestIP(request);
    const client = peer === null ? "unknown" : formatSocketAddress({ host: unmapIpv4(peer.address), port: peer.port });
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

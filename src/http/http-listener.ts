import { ProtocolError } from "../base/errors.ts";
import type { HttpProtocolName, ServerConfig } from "../config/server-config.ts";
import type { ArrivalFailure } from "../kernel/arrival-failure.ts";
import type { ArrivalOptions } from "../kernel/arrivals.ts";
import type { ConnectionAllowance } from "../kernel/connection-allowance.ts";
import type { Connection } from "../kernel/connection.ts";
import type { ConnectionHandler } from "../kernel/connection-handler.ts";
import { type FurtherSocket, type ListenAddress, Listener } from "../kernel/listener.ts";
import type { MonitorEvent } from "../kernel/monitor.ts";
import type { TimerWheel } from "../kernel/timer-wheel.ts";
import type { TlsCredentialsOptions } from "../kernel/tls-credentials.ts";
import type { Logger } from "../telemetry/logger.ts";
import { BodyMemory } from "./body/body-memory.ts";
import type { Dispatch } from "./exchange.ts";
import { type HttpConnection, isHttpConnection } from "./http-connection.ts";
import type { HttpContext, UnreadableRequest } from "./http-context.ts";
import { HttpCounters } from "./http-counters.ts";
import { HttpProtocols } from "./http-protocols.ts";
import { Traffic, type TrafficCounts } from "./traffic.ts";

export interface HttpListenerOptions {
  readonly address: ListenAddress;
  /** The path of a Unix socket, which its descriptor does not tell. Default: null, for a port. */
  readonly socketPath?: string | null;
  readonly server: ServerConfig;
  /** At least `h1` or `h2`; `h3` is another listener's. Default: both. */
  readonly protocols?: readonly HttpProtocolName[];
  /** Where bodies too large for memory go. */
  readonly bodyDirectory: string;
  /** Where bodies go that an app takes as files; without it nobody's do. */
  readonly bodyFileDirectory?: string | null;
  readonly dispatch: Dispatch;
  /** Whether `dispatch` answers an extended CONNECT that asks for a WebSocket (RFC 8441). Default: false. */
  readonly takesWebSockets?: boolean;
  /** Shared with the front's other listeners. Default: `connectionCountMax` of `server` for this one alone. */
  readonly allowance?: ConnectionAllowance | undefined;
  /** TLS, PROXY protocol, or both. */
  readonly arrivals?: ArrivalOptions | undefined;
  /** Told of requests that are refused before `dispatch` hears of them. */
  readonly onUnreadable?: ((request: UnreadableRequest) => void) | undefined;
  readonly wheel: TimerWheel;
  readonly log: Logger;
}

/** Serves HTTP on one listening socket. */
export class HttpListener {
  readonly #listener: Listener;
  readonly #context: HttpContext;
  readonly #protocols: HttpProtocols;
  readonly counters: HttpCounters = new HttpCounters();
  readonly #traffic = new Traffic();
  #empty: PromiseWithResolvers<void> | null = null;
  #isAccepting = true;

  constructor({
    address,
    socketPath = null,
    server,
    protocols = ["h1", "h2"],
    bodyDirectory,
    bodyFileDirectory = null,
    dispatch,
    takesWebSockets = false,
    allowance,
    arrivals,
    onUnreadable,
    wheel,
    log,
  }: HttpListenerOptions) {
    const memory = new BodyMemory(server.bodyMemoryBytesTotalMax);
    const context: HttpContext = {
      dispatch,
      deadlines: server.deadlines,
      bodyBytesMax: server.bodyBytesMax,
      spool: {
        memoryBytesMax: server.bodyMemoryBytesMax,
        memory,
        directory: bodyDirectory,
        namedDirectory: bodyFileDirectory,
      },
      requestsPerConnectionMax: server.requestsPerConnectionMax,
      scheme: arrivals?.tls === undefined ? "http" : "https",
      socketPath,
      log,
      counters: this.counters,
      onUnreadable,
      isDraining: false,
      altSvc: null,
    };
    this.#context = context;
    this.#protocols = new HttpProtocols({ common: context, server, protocols, wheel, takesWebSockets });
    this.#listener = new Listener({
      address,
      connectionCountMax: allowance ?? server.connectionCountMax,
      wheel,
      monitor: (event) => this.#observe(event),
      stallMs: server.deadlines.writeMs,
      accept: (connection) => this.#accept(connection),
      arrivals,
      onClosed: (connection) => this.#traffic.noteClosed(connection),
    });
  }

  /** Serves on another listening descriptor, too, which belongs to the listener from now on. */
  acceptAlsoOn(fd: number): FurtherSocket {
    return this.#listener.acceptAlsoOn(fd);
  }

  get port(): number {
    return this.#listener.port;
  }

  get connectionCount(): number {
    return this.#listener.connectionCount;
  }

  /** Sockets whose TLS handshake or PROXY header is not complete; `connectionCount` has them, too. */
  get arrivalCount(): number {
    return this.#listener.arrivalCount;
  }

  /** Connections closed on arrival because `connectionCountMax` were open. */
  get refusedCount(): number {
    return this.#listener.refusedCount;
  }

  /** Connections and their bytes by what is spoken on them. Looks at every connection: not for hot paths. */
  get traffic(): TrafficCounts {
    return this.#traffic.total(this.#listener.connections);
  }

  /** Bytes of request bodies that are held in memory. */
  get bodyMemoryBytes(): number {
    return this.#context.spool.memory.bytes;
  }

  /** From now on responses name this `Alt-Svc`, unless the app's fields have one. */
  announceAlternative(altSvc: string): void {
    this.#protocols.announceAlternative(altSvc);
  }

  /** From now on every connection ends with what it has been asked, and says so before it does: nobody's next request is lost. */
  announceClose(): void {
    this.#protocols.startDraining();
    for (const connection of this.#httpConnections()) connection.announceClose();
  }

  /** Lets no further connection queue up; those that wait are still accepted. */
  stopQueueing(): void {
    this.#listener.stopQueueing();
  }

  /** Takes no further connection; whoever else listens on the same socket gets them. */
  stopListening(): void {
    if (!this.#isAccepting) return;
    this.#isAccepting = false;
    this.#listener.stop();
  }

  /** Stops accepting and closes the connections that are between two requests; the others close with their response. */
  stopAccepting(): void {
    this.stopListening();
    for (const connection of this.#httpConnections()) connection.closeIfIdle();
  }

  /** Resolves when the last connection is gone; at once when there is none. */
  whenEmpty(): Promise<void> {
    if (this.connectionCount === 0) return Promise.resolve();
    this.#empty ??= Promise.withResolvers<void>();
    return this.#empty.promise;
  }

  /** Closes every connection, whatever it is doing; returns how many there were. */
  closeConnections(): number {
    const connections = [...this.#listener.connections];
    for (const connection of connections) {
      const { handler } = connection;
      // RFC 9112 §8: of a response that the close ends, a reset alone says that it is not complete.
      connection.close(isHttpConnection(handler) && handler.isEndedByClose ? "reset" : "local");
    }
    this.#listener.closeArrivals();
    return connections.length;
  }

  /**
   * Shows other certificates from the next handshake on; open connections go on with theirs.
   *
   * @throws {TlsCredentialsError} and goes on with those it had.
   */
  replaceCredentials(options: TlsCredentialsOptions): void {
    this.#listener.replaceCredentials(options);
  }

  #accept(connection: Connection): ConnectionHandler {
    const handler = this.#protocols.open(connection);
    // Its handshake was under way when accepting stopped: it gets one request, and does not hold up the stop with none.
    if (!this.#isAccepting) connection.setDeadline(this.#context.deadlines.headMs);
    return handler;
  }

  /** The open connections that still speak HTTP. */
  *#httpConnections(): Iterable<HttpConnection> {
    for (const { handler } of this.#listener.connections) if (isHttpConnection(handler)) yield handler;
  }

  #observe(event: MonitorEvent): void {
    switch (event.kind) {
      case "closed":
        if (event.cause === "stalled") this.counters.timedOut++;
        this.#noteEmpty();
        break;
      case "arrival-failed":
        this.#noteFailedArrival(event.failure, event.error);
        this.#noteEmpty();
        break;
      case "poisoned":
        this.#notePoisoned(event.error);
        break;
      default:
    }
  }

  #noteEmpty(): void {
    if (this.#empty !== null && this.connectionCount === 0) this.#empty.resolve();
  }

  /** What a peer has done to its connection is its own affair; what a handler throws otherwise is a bug of ours. */
  #notePoisoned(error: Error): void {
    const { log } = this.#context;
    if (error instanceof ProtocolError) log.debug("connection reset", { reason: error.message });
    else log.error("connection handler failed", { error });
  }

  /** Scanners and broken clients are every day's business: counted, and told only to who asks for detail. */
  #noteFailedArrival(failure: ArrivalFailure, error: Error | null): void {
    this.counters.failedArrivals++;
    this.#context.log.debug("connection not established", {
      failure,
      ...(error !== null && { reason: error.message }),
    });
  }
}

/**
 * The types of the package `vilya`, on their own: a project that names them checks neither the library's sources nor needs its settings, nor
 * the types of Bun or Node.js. `src/declared-types.test.ts` holds them to the classes.
 */

type MaybePromise<T> = T | Promise<T>;

/** Whatever the platform's `Headers` is made from. */
export type HeaderFields = NonNullable<ConstructorParameters<typeof Headers>[0]>;

/** Text or bytes for a WebSocket. */
export type Message = string | ArrayBufferView | ArrayBuffer | SharedArrayBuffer;

/** What the entry module exports by default; a function is taken for its `fetch`. Hono, Elysia and h3 export objects of this shape. */
export interface App<Data = unknown> {
  /** The context comes twice, because frameworks name the second parameter `env` and the third one after its `waitUntil`. */
  fetch(request: Request, context: Context, sameContext: Context): MaybePromise<Response | undefined>;
  /** With it, `context.upgrade` accepts WebSockets. */
  websocket?: WebSocketHandler<Data>;
  /** Runs before the worker counts as ready, within the start timeout. */
  start?(): MaybePromise<void>;
  /** Runs behind the last request. */
  stop?(): MaybePromise<void>;
  /** Answers what `fetch` has thrown, as on Bun; without it, or when it fails as well, the client gets 500 and the log the error. */
  error?(error: unknown): MaybePromise<Response | undefined>;
  /** Requests at a time. Default 100. */
  concurrency?: number;
}

/** What happens on the WebSockets of an app; each one stays with the worker that has accepted it. */
export interface WebSocketHandler<Data = unknown> {
  open?(socket: Socket<Data>): MaybePromise<void>;
  /** One whole message: text as a string, everything else as bytes, a `Buffer` unless `binaryType` says another. Messages of a socket come one after the other. */
  message?(socket: Socket<Data>, message: string | Uint8Array): MaybePromise<void>;
  /** The last one. `code` is 1005 when the client gave none, 1006 when the connection was lost. */
  close?(socket: Socket<Data>, code: number, reason: string): MaybePromise<void>;
}

/** What the engine knows of a request beside the request, and what an app may do beside its response. */
export interface Context {
  /** Aborted when the client has left or the time for the request is over; the request's own signal is the same. */
  readonly signal: AbortSignal;
  /** The client's address and port, `192.0.2.1:50000`. */
  readonly remoteAddress: string;
  /** How long the engine waits for the response, in milliseconds. */
  readonly timeoutMs: number;
  /** The pattern of the route that matched, as it stands in the configuration; `null` when it has none. */
  readonly route: string | null;
  /** The route's parameters, percent-decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** The files of the request's form, where the engine was asked to read it (`uploads`); empty otherwise. */
  readonly uploads: readonly Upload[];
  /** `null` unless the client was asked for a certificate and has shown one that was verified. */
  readonly clientCertificate: ClientCertificate | null;
  /** Metrics of the app's own. */
  readonly metrics: Metrics;
  /** Keeps the worker from leaving before the promise `work` is settled; the response need not wait for it. */
  waitUntil(work: unknown): void;
  /** Tells the client what it will need (103, RFC 8297) while the response is being made; later, nothing happens. */
  earlyHints(headers: HeaderFields): void;
  /**
   * A field that follows the body of the response, until that has ended (RFC 9110 §6.5); name it in the field `Trailer` of the response.
   *
   * @throws {TypeError} for a field that may not be a trailer, and behind the end.
   */
  trailer(name: string, value: string): void;
  /** Makes `request` a WebSocket; `fetch` then returns nothing. False when the client has not asked for one or the app has no `websocket`. */
  upgrade(request: Request, options?: UpgradeOptions): boolean;
  /** Sends to every WebSocket that has subscribed to `topic`, whichever worker holds it. @throws {RangeError} past `workers.frame_size`. */
  publish(topic: string, data: Message): void;
  /** Sends to one WebSocket by its `id`; nothing happens when it is gone. */
  send(socketId: string, data: Message): void;
  /** As of Bun's server: the client of `request`, or of this one's; `null` for one on a Unix socket. */
  requestIP(request?: Request): RemoteAddress | null;
  /** As of Bun's server, without an effect. */
  timeout(): void;
  /** As of Cloudflare's context, without an effect. */
  passThroughOnException(): void;
}

/** How a request becomes a WebSocket. */
export interface UpgradeOptions {
  /** What the app wants to find on the socket. */
  readonly data?: unknown;
  /** One of the subprotocols that the client offers, empty for none. Default: what `headers` name, else the first. */
  readonly protocol?: string;
  /** Fields of the 101. */
  readonly headers?: HeaderFields;
}

/** What a client has shown of itself by its certificate. */
export interface ClientCertificate {
  readonly subject: string;
  /** SHA-256 of the certificate, 64 lower-case hexadecimal digits. */
  readonly fingerprint: string;
}

/** A client as Bun's `server.requestIP` tells of it. */
export interface RemoteAddress {
  readonly address: string;
  readonly family: "IPv4" | "IPv6";
  readonly port: number;
}

/** A file of a form that the engine has read. It is there until the request is answered, unless the app has moved it. */
export interface Upload {
  /** Of the field. */
  readonly name: string;
  /** What the client calls it, without a path; not to be trusted. */
  readonly filename: string;
  /** The media type as the client says; may be empty. Not to be trusted. */
  readonly type: string;
  readonly path: string;
  /** In bytes. */
  readonly size: number;
}

/** Names and values of labels. Values have to be few: each one is a series. */
export type MetricLabels = Readonly<Record<string, string>>;

/** Metrics of the app, which the engine adds up over all workers and shows on `/metrics`, with the label `app`. */
export interface Metrics {
  /** Something has happened. The engine's name for it ends in `_total`. */
  count(name: string, by?: number, labels?: MetricLabels, help?: string): void;
  /** Something has this size now; the last worker to say so is right. */
  gauge(name: string, value: number, labels?: MetricLabels, help?: string): void;
  /** Something took this long, in seconds: histograms have the bounds of the engine's own, from 0.5 ms to 30 s. */
  observe(name: string, seconds: number, labels?: MetricLabels, help?: string): void;
}

/** One WebSocket that this worker holds. The connection itself lives in the engine. */
export interface Socket<Data = unknown> {
  /** Its name everywhere: `context.send(id, …)` reaches it from any worker. */
  readonly id: string;
  /** What the app has put here when it accepted. */
  data: Data;
  /** The client's address and port. */
  readonly remoteAddress: string;
  /** The subprotocol that was agreed on; empty when there is none. */
  readonly protocol: string;
  /** What bytes come as. */
  binaryType: "nodebuffer" | "arraybuffer" | "uint8array";
  /** As in the browser's WebSocket: 1 is open, 3 is closed. */
  readonly readyState: 1 | 3;
  /** Bytes that wait in this process because the client reads slowly. */
  readonly bufferedAmount: number;
  /** The topics that it hears of. */
  readonly subscriptions: string[];
  /** Sends one message; returns how many bytes that is, 0 when the socket is closed. @throws {RangeError} past `workers.frame_size`. */
  send(data: Message): number;
  /** Closes in good order, behind what was sent: 1000 unless given, or 3000 to 4999. */
  close(code?: number, reason?: string): void;
  /** What is published to `topic` goes to this socket from now on. */
  subscribe(topic: string): void;
  unsubscribe(topic: string): void;
  isSubscribed(topic: string): boolean;
  /** Sends to everybody who has subscribed to `topic`, but for this socket; also when it is closed. */
  publish(topic: string, data: Message): void;

  // What Bun's sockets have besides.
  sendText(data: string): number;
  sendBinary(data: Message): number;
  publishText(topic: string, data: string): void;
  publishBinary(topic: string, data: Message): void;
  getBufferedAmount(): number;
  cork<Result>(run: (socket: this) => Result): Result;
  /** As `close`. */
  terminate(): void;
  /** Sends nothing: the engine pings clients itself, and answers theirs. */
  ping(): number;
  pong(): number;
}

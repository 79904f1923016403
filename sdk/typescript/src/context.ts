import { report } from "./report.ts";
import { type Upload, uploadsOf } from "./form.ts";
import { type RemoteAddress, toRemoteAddress } from "./remote-address.ts";
import { contextOf } from "./incoming-request.ts";
import { asUtf8, textOf, type WireMap } from "./msgpack-reader.ts";
import { Metrics } from "./metrics.ts";

/** Whatever the platform's `Headers` is made from. */
export type HeaderFields = NonNullable<ConstructorParameters<typeof Headers>[0]>;

/** Text or bytes for a WebSocket. */
export type Message = string | ArrayBufferView | ArrayBuffer | SharedArrayBuffer;

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

/** What a context needs of the worker and of its request. */
export interface ContextOwner {
  readonly signal: AbortSignal;
  readonly pending: Set<Promise<unknown>>;
  act(action: Action): void;
  sendInterim(headers: Headers): void;
  addTrailer(name: string, value: string): void;
  /** Returns whether the request has become a WebSocket. */
  upgrade(options: UpgradeOptions): boolean;
}

/** One action of W2.46. */
export interface Action {
  readonly do: "send" | "close" | "subscribe" | "unsubscribe" | "publish";
  readonly socket?: string;
  readonly topic?: string;
  readonly data?: Message;
  readonly except?: string;
  readonly code?: number;
  readonly reason?: string;
}

/** What the engine knows of a request beside the request, and what an app may do beside its response. */
export class Context {
  readonly #request: WireMap;
  readonly #owner: ContextOwner;
  #params: Readonly<Record<string, string>> | null = null;
  #metrics: Metrics | null = null;

  constructor(request: WireMap, owner: ContextOwner) {
    this.#request = request;
    this.#owner = owner;
  }

  /** Aborted when the client has left or the time for the request is over; the request's own signal is the same. */
  get signal(): AbortSignal {
    return this.#owner.signal;
  }

  /** The client's address and port, `192.0.2.1:50000`. */
  get remoteAddress(): string {
    return textOf(this.#request, "remote_addr");
  }

  /** As of Bun's server, which apps written for it find in the place of the context: the client of `request`, or of this one's. */
  requestIP(request?: Request): RemoteAddress | null {
    return toRemoteAddress((contextOf(request) ?? this).remoteAddress);
  }

  /** As of Bun's server, without an effect: connections are the engine's, and so are their times. */
  timeout(): void {}

  /** How long the engine waits for the response, in milliseconds. */
  get timeoutMs(): number {
    return Number(this.#request["timeout_ms"]);
  }

  /** The pattern of the route that matched, as it stands in the configuration; `null` when it has none. */
  get route(): string | null {
    const route = this.#request["route"];
    return typeof route === "string" ? asUtf8(route) : null;
  }

  /** The route's parameters, percent-decoded. */
  get params(): Readonly<Record<string, string>> {
    return (this.#params ??= toParams(this.#request["params"] as WireMap | undefined));
  }

  /** The files of the request's form, where the engine was asked to read it (`uploads`); empty otherwise. */
  get uploads(): readonly Upload[] {
    return uploadsOf(this.#request);
  }

  /** `null` unless the client was asked for a certificate and has shown one that was verified. */
  get clientCertificate(): ClientCertificate | null {
    const tls = this.#request["tls"] as WireMap | undefined;
    if (tls === undefined) return null;
    return { subject: asUtf8(textOf(tls, "client_subject")), fingerprint: textOf(tls, "client_fingerprint") };
  }

  /** Keeps the worker from leaving before the promise `work` is settled; the response need not wait for it. */
  waitUntil(work: unknown): void {
    const { pending } = this.#owner;
    const settled = Promise.resolve(work)
      .catch((error: unknown) => report("What a response did not wait for has failed", error))
      .finally(() => pending.delete(settled));
    pending.add(settled);
  }

  /** Has the platform's servers pass: frameworks call it where they find it. */
  passThroughOnException(): void {}

  /** Tells the client what it will need (103, RFC 8297) while the response is being made; later, nothing happens. */
  earlyHints(headers: HeaderFields): void {
    this.#owner.sendInterim(new Headers(headers));
  }

  /**
   * Has a field follow the body of the response, until the body has ended. It reaches clients that say `TE: trailers`, over HTTP/1.1 and
   * HTTP/2; name it in the field `Trailer` of the response so that they know of it.
   *
   * @throws {TypeError} for a field that may not be a trailer (RFC 9110 §6.5.1), and behind the end.
   */
  trailer(name: string, value: string): void {
    this.#owner.addTrailer(name, value);
  }

  /**
   * Makes `request` a WebSocket, or this context's own where it is a copy; `fetch` then returns nothing. Returns false when the client has not
   * asked for one or the app has no `websocket`: then answer it like any other request.
   */
  upgrade(request: Request, options: UpgradeOptions = {}): boolean {
    return (contextOf(request) ?? this).#owner.upgrade(options);
  }

  /**
   * Sends to every WebSocket that has subscribed to `topic`, whichever worker holds it.
   *
   * @throws {RangeError} when the message is larger than a frame may be.
   */
  publish(topic: string, data: Message): void {
    this.#owner.act({ do: "publish", topic, data });
  }

  /** Metrics of the app's own. */
  get metrics(): Metrics {
    return (this.#metrics ??= new Metrics((action) => this.#owner.act(action)));
  }

  /** Sends to one WebSocket by its `id`; nothing happens when it is gone. */
  send(socketId: string, data: Message): void {
    this.#owner.act({ do: "send", socket: socketId, data });
  }
}

function toParams(wire: WireMap | undefined): Readonly<Record<string, string>> {
  const params = wire ?? {};
  return Object.fromEntries(Object.keys(params).map((name) => [asUtf8(name), asUtf8(textOf(params, name))]));
}

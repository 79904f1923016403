import type { Context } from "./context.ts";
import { hasForm, readForm } from "./form.ts";
import { formBody } from "./form-body.ts";
import { toRemoteAddress } from "./remote-address.ts";
import { textOf, type UnreadMap, type WireMap } from "./msgpack-reader.ts";
import type { RequestBody } from "./request-body.ts";
import { PLATFORM, type StandIn, standIn } from "./stand-in.ts";
import { plainUrlOf, rawUrlOf } from "./request-url.ts";

/** A request that the platform's `Request` cannot hold; it is answered without the app. */
export class UnrepresentableRequestError extends Error {
  override readonly name = "UnrepresentableRequestError";
}

/** The Fetch standard forbids them (§2.2.1); platforms differ in whether they hold to it. */
const FORBIDDEN_METHODS = /^(?:connect|trace|track)$/i;

/** Whether the platform keeps a method as it is. Clients choose methods, so of more than these nothing is remembered. */
const KEPT_METHODS = new Map<string, boolean>();
const METHOD_COUNT_MAX = 64;

const REFUSAL = "This server cannot handle such a method or target";

/** The platform's own, before it is replaced (`accept-requests.ts`). */
export const PlatformRequest: typeof Request = globalThis.Request;

/**
 * A request of the engine, to the app a `Request`. Most apps look at its method, URL and headers only, and the platform's object costs more than
 * all else that a worker does for a small request: it is made when somebody asks for what only it has.
 * docs/decisions/0024-requests-of-typescript-workers-are-lazy.md
 */
class IncomingRequest {
  readonly #wire: WireMap;
  readonly #body: RequestBody | null;
  readonly #context: Context;
  readonly #url: string | null;
  #platform: Request | null = null;

  constructor(wire: WireMap, body: RequestBody | null, context: Context) {
    this.#wire = wire;
    this.#body = body;
    this.#context = context;
    this.#url = plainUrlOf(wire);
    // What the platform writes in another way, or refuses, it has to see at once.
    if (this.#url === null) this.#platform = this.#makePlatform();
  }

  static is(value: unknown): value is IncomingRequest {
    return typeof value === "object" && value !== null && #platform in value;
  }

  static contextOf(this: void, request: unknown): Context | null {
    return IncomingRequest.is(request) ? request.#context : null;
  }

  get [PLATFORM](): Request {
    return (this.#platform ??= this.#makePlatform());
  }

  get method(): string {
    return askedMethod(this.#wire);
  }

  get url(): string {
    return this.#platform?.url ?? this.#url!;
  }

  get signal(): AbortSignal {
    return this.#context.signal;
  }

  /** h3, and what else is written for several platforms, looks for the client's address and `waitUntil` on the request itself. */
  get ip(): string {
    const { remoteAddress } = this.#context;
    return toRemoteAddress(remoteAddress)?.address ?? remoteAddress;
  }

  /** Middleware that knows better writes over it. */
  set ip(value: string) {
    overwrite(this, "ip", value);
  }

  get waitUntil(): (work: unknown) => void {
    return (work) => this.#context.waitUntil(work);
  }

  set waitUntil(value: (work: unknown) => void) {
    overwrite(this, "waitUntil", value);
  }

  formData(): Promise<unknown> {
    // What the engine has read the platform need not parse again, and files stay where they are.
    // oxlint-disable-next-line typescript/no-deprecated -- the app has chosen it
    return hasForm(this.#wire) ? readForm(this.#wire) : this[PLATFORM].formData();
  }

  clone(): Request {
    return new PlatformRequest(this[PLATFORM].clone() as Request, { signal: this.signal });
  }

  /** How the consoles of both platforms show it. */
  [Symbol.for("nodejs.util.inspect.custom")](): Request {
    return this[PLATFORM];
  }

  #makePlatform(): Request {
    const { method } = this;
    const headers = toHeaders(this.#wire["headers"] as UnreadMap);
    if (isExtendedConnect(this.#wire)) headers.push(["Upgrade", "websocket"], ["Connection", "Upgrade"]);
    const init: RequestInit = { method, headers };
    const body = hasForm(this.#wire) ? writeForm(this.#wire, init) : this.#body;
    if (body !== null && method !== "GET" && method !== "HEAD") {
      init.body = body;
      // The platform wants it said that it may answer while it reads.
      if (body instanceof ReadableStream) Object.assign(init, { duplex: "half" });
    }
    return new PlatformRequest(this.#url ?? rawUrlOf(this.#wire), init);
  }
}

standIn(IncomingRequest.prototype, PlatformRequest.prototype);

/**
 * What the app gets for a request of the engine. What the platform cannot say is lost: the target is normalised, and a GET or HEAD has no body.
 *
 * @throws {UnrepresentableRequestError} for CONNECT and TRACE, which the Fetch standard forbids, for methods that the platform would change, and for
 *   targets that are no URL.
 */
export function toRequest(wire: WireMap, body: RequestBody | null, context: Context): Request {
  if (!isKept(askedMethod(wire))) throw new UnrepresentableRequestError(REFUSAL);
  try {
    return new IncomingRequest(wire, body, context) as unknown as Request;
  } catch (error) {
    throw new UnrepresentableRequestError(REFUSAL, { cause: error });
  }
}

/** A request of the engine to who has to give the platform its own. */
export interface EngineRequest extends StandIn<Request> {
  /** Of the client, which that of the platform's object is not. */
  readonly signal: AbortSignal;
}

/** `null` for everything that {@link toRequest} has not made. */
export function engineRequestOf(value: unknown): EngineRequest | null {
  return IncomingRequest.is(value) ? value : null;
}

/** What the app has been given beside `request`; `null` for what is no request of the engine. */
export const contextOf: (request: unknown) => Context | null = IncomingRequest.contextOf;

function askedMethod(wire: WireMap): string {
  return isExtendedConnect(wire) ? "GET" : textOf(wire, "method");
}

/** HTTP/2 asks for a WebSocket by a CONNECT that stands for the GET and the fields of HTTP/1.1 (RFC 8441 §4), which are what apps know. */
function isExtendedConnect(wire: WireMap): boolean {
  return wire["websocket"] === true && textOf(wire, "method") === "CONNECT";
}

/** Platforms take `delete` for DELETE, and Bun a method that it does not know for GET, but routes have judged the one that came. */
function isKept(method: string): boolean {
  let isKnownAsKept = KEPT_METHODS.get(method);
  if (isKnownAsKept === undefined) {
    isKnownAsKept = !FORBIDDEN_METHODS.test(method) && methodOfPlatform(method) === method;
    if (KEPT_METHODS.size < METHOD_COUNT_MAX) KEPT_METHODS.set(method, isKnownAsKept);
  }
  return isKnownAsKept;
}

function methodOfPlatform(method: string): string | null {
  try {
    return new PlatformRequest("http://localhost/", { method }).method;
  } catch {
    return null;
  }
}

/** The body is written anew, and is not as long as that of the client. */
function writeForm(wire: WireMap, init: RequestInit): RequestBody {
  const headers = new Headers(init.headers);
  headers.delete("content-length");
  init.headers = headers;
  return formBody(wire, headers.get("content-type") ?? "");
}

function overwrite(request: IncomingRequest, name: "ip" | "waitUntil", value: unknown): void {
  Object.defineProperty(request, name, { value, configurable: true, enumerable: true, writable: true });
}

function toHeaders(unread: UnreadMap): [string, string][] {
  const fields = unread.read();
  const pairs: [string, string][] = [];
  for (const name in fields) {
    for (const value of fields[name] as readonly string[]) pairs.push([name, value]);
  }
  return pairs;
}

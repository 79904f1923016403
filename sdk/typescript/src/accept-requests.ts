import { PLATFORM } from "./stand-in.ts";
import { engineRequestOf, PlatformRequest } from "./incoming-request.ts";

/** What comes with a request, as `new Request` and `fetch` take it. */
type Init = RequestInit | null | undefined;

/**
 * Has `new Request` and `fetch` take requests of the engine from now on: the platform's own would not know them for requests. For the app they are
 * what they have always been.
 */
export function acceptIncomingRequests(): void {
  const platformFetch = globalThis.fetch;
  globalThis.fetch = Object.setPrototypeOf(
    (input: unknown, init?: RequestInit) => platformFetch(...(unwrap(input, init) as [Request, RequestInit])),
    platformFetch,
  ) as typeof fetch;
  globalThis.Request = AcceptingRequest;
  PlatformRequest.prototype.constructor = AcceptingRequest;
}

function construct(input: unknown, init?: RequestInit): Request {
  if (new.target === undefined)
    throw new TypeError("Cannot make a Request: it was called as a function, new is needed");
  const isPlain = (new.target as unknown) === AcceptingRequest;
  const target = isPlain ? PlatformRequest : new.target;
  return Reflect.construct(PlatformRequest, unwrap(input, init), target) as Request;
}

/** What the platform is given for a request of the engine: its own, with the signal of the client unless `init` has another. */
function unwrap(input: unknown, init: Init): [unknown, Init] {
  const request = engineRequestOf(input);
  if (request === null) return [input, init];
  // Platforms differ in whether they take one whose body has been read, but with an init none does.
  if (init === undefined && request[PLATFORM].bodyUsed) return [request[PLATFORM], init];
  // What brings a signal along may be a request itself: its members cannot be copied.
  return [request[PLATFORM], init?.signal === undefined ? { ...init, signal: request.signal } : init];
}

/** As for responses, a class of its own would have a prototype of its own. */
const AcceptingRequest = Object.setPrototypeOf(
  Object.defineProperties(construct, {
    name: { value: PlatformRequest.name },
    length: { value: PlatformRequest.length },
    prototype: { value: PlatformRequest.prototype, writable: false },
  }),
  PlatformRequest,
) as typeof Request;

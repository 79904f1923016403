import { noteLength } from "./body-length.ts";
import { replaceMethod } from "./replace-method.ts";
import { lazyResponse, TEXT_TYPE } from "./text-response.ts";

/** The platform's own, before {@link replaceResponse}. */
const PlatformResponse: typeof Response = globalThis.Response;

const prototype = PlatformResponse.prototype as Response;

/** Platforms do not agree on its parameters. */
const JSON_TYPE = PlatformResponse.json(null).headers.get("content-type") ?? "application/json";

/** Bun tells the type of a text to nobody but its own server. */
const IS_TEXT_TYPE_OURS = !new PlatformResponse("").headers.has("content-type");

let isLazy = false;
/** True once the app has a server of its own: what that answers with is not seen here. */
let hasServer = false;

/**
 * Puts a constructor of ours in the place of `Response`. For the app it is the class that it has always been; once
 * {@link makeTextsLazily} says so, responses of text are made when somebody looks at them.
 */
export function replaceResponse(): void {
  globalThis.Response = ReplacedResponse;
  prototype.constructor = ReplacedResponse;
  if (process.versions.bun !== undefined) {
    replaceMethod(Bun, "serve", (serve) => (options) => {
      hasServer = true;
      isLazy = false;
      return serve(options);
    });
  }
}

/** From now on, when the app's module is loaded and started: what it has kept from before may go where only the platform's own objects may. */
export function makeTextsLazily(): void {
  isLazy = !hasServer;
}

type Body = ConstructorParameters<typeof Response>[0];

function construct(given?: Body, init?: ResponseInit): Response {
  if (new.target === undefined)
    throw new TypeError("Cannot make a Response: it was called as a function, new is needed");
  const body = textOfSimple(given) ?? given;
  const isPlain = (new.target as unknown) === ReplacedResponse;
  if (isLazy && isPlain && typeof body === "string") {
    const lazy = lazyResponse(body, init);
    if (lazy !== null) return lazy;
  }
  const target = isPlain ? PlatformResponse : new.target;
  const response = Reflect.construct(PlatformResponse, [body, init], target) as Response;
  if (IS_TEXT_TYPE_OURS && typeof body === "string" && !response.headers.has("content-type"))
    response.headers.set("content-type", TEXT_TYPE);
  if (typeof body === "object" && body !== null) noteLength(response, body);
  return response;
}

/** What numbers and the like become; `null` for everything else. */
function textOfSimple(body: unknown): string | null {
  return typeof body === "number" || typeof body === "boolean" || typeof body === "bigint" ? String(body) : null;
}

function json(value: unknown, init?: ResponseInit): Response {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) throw new TypeError("Cannot make a Response: the value has no JSON, null is allowed");
  const lazy = isLazy ? lazyResponse(text, init, JSON_TYPE) : null;
  if (lazy !== null) return lazy;
  // The platform judges the rest, and the value is asked for its JSON once.
  const { status, statusText, headers } = PlatformResponse.json(null, init);
  return new PlatformResponse(text, { status, statusText, headers });
}

/** A class of its own would have a prototype of its own, and `instanceof` would not know the responses of `fetch`. */
const ReplacedResponse = Object.setPrototypeOf(
  Object.defineProperties(construct, {
    name: { value: PlatformResponse.name },
    length: { value: PlatformResponse.length },
    prototype: { value: prototype, writable: false },
    json: { value: json, configurable: true, enumerable: true, writable: true },
  }),
  PlatformResponse,
) as typeof Response;

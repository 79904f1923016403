/** The platform's own, before {@link rememberTexts}. */
const PlatformResponse: typeof Response = globalThis.Response;

/** Platforms do not agree on its parameters. */
const JSON_TYPE = PlatformResponse.json(null).headers.get("content-type") ?? "application/json";

/** The type of text where nothing else is said: Fetch standard §6.2. */
const TEXT_TYPE = "text/plain;charset=UTF-8";
/** Bun tells it to nobody but its own server. */
const IS_TEXT_TYPE_OURS = !new PlatformResponse("").headers.has("content-type");

const TEXTS = new WeakMap<Response, string>();

/** The text that the body of `response` consists of; `null` where that is not known, or it has been read. */
export function textOfResponse(response: Response): string | null {
  return response.bodyUsed ? null : (TEXTS.get(response) ?? null);
}

/**
 * Has every `Response` that is made of text from now on remember it. For the app it is the class that it has always been. To read the text back
 * from the platform's stream would cost a worker a quarter of its time: docs/decisions/0017-responses-remember-their-text.md has the figures.
 */
export function rememberTexts(): void {
  globalThis.Response = RememberingResponse;
}

function construct(body?: ConstructorParameters<typeof Response>[0], init?: ResponseInit): Response {
  if (new.target === undefined)
    throw new TypeError("Cannot make a Response: it was called as a function, new is needed");
  const isPlain = (new.target as unknown) === RememberingResponse;
  const response = isPlain
    ? new PlatformResponse(body, init)
    : (Reflect.construct(PlatformResponse, [body, init], new.target) as Response);
  if (typeof body === "string") {
    TEXTS.set(response, body);
    if (IS_TEXT_TYPE_OURS && !response.headers.has("content-type")) response.headers.set("content-type", TEXT_TYPE);
  }
  return response;
}

function json(value: unknown, init: ResponseInit = {}): Response {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) throw new TypeError("Cannot make a Response: the value has no JSON, null is allowed");
  // The platform's types say it in two ways.
  const headers = new Headers(init.headers as ConstructorParameters<typeof Headers>[0]);
  if (!headers.has("content-type")) headers.set("content-type", JSON_TYPE);
  const { status = 200, statusText = "" } = init;
  return new RememberingResponse(text, { status, statusText, headers });
}

/** A class of its own would have a prototype of its own, and `instanceof` would not know the responses of `fetch`. */
const RememberingResponse = Object.setPrototypeOf(
  Object.assign(construct, { json, prototype: PlatformResponse.prototype as Response }),
  PlatformResponse,
) as typeof Response;

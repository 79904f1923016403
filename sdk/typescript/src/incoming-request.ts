import type { RequestBody } from "./request-body.ts";
import { textOf, type WireMap } from "./msgpack-reader.ts";

/** A request that the platform's `Request` cannot hold; it is answered without the app. */
export class UnrepresentableRequestError extends Error {
  override readonly name = "UnrepresentableRequestError";
}

/** The Fetch standard forbids them (§2.2.1); platforms differ in whether they hold to it. */
const FORBIDDEN_METHODS = /^(?:connect|trace|track)$/i;

const REFUSAL = "This server cannot handle such a method or target";

/**
 * The platform's `Request` for a request of the engine. What the platform cannot say is lost: the target is normalised, and a GET or HEAD has
 * no body.
 *
 * @throws {UnrepresentableRequestError} for CONNECT and TRACE, which the Fetch standard forbids, and for targets that are no URL.
 */
export function toRequest(wire: WireMap, body: RequestBody | null, signal: AbortSignal): Request {
  const method = textOf(wire, "method");
  if (FORBIDDEN_METHODS.test(method)) throw new UnrepresentableRequestError(REFUSAL);
  const isBodiless = /^(?:get|head)$/i.test(method);
  const init: RequestInit = { method, headers: toHeaders(wire["headers"] as WireMap), signal };
  if (!isBodiless && body !== null) {
    init.body = body;
    // The platform wants it said that it may answer while it reads.
    if (body instanceof ReadableStream) Object.assign(init, { duplex: "half" });
  }
  try {
    return new Request(urlOf(wire), init);
  } catch (error) {
    throw new UnrepresentableRequestError(REFUSAL, { cause: error });
  }
}

function urlOf(wire: WireMap): string {
  const uri = textOf(wire, "uri").replace(/[\x80-\xff]/g, percentEncode);
  if (!uri.startsWith("/") && uri !== "*") return uri;
  const host = textOf(wire, "host");
  return `${textOf(wire, "scheme")}://${host === "" ? "localhost" : host}${uri === "*" ? "/" : uri}`;
}

/** Of one byte: so a target that is no UTF-8 loses nothing. */
function percentEncode(octet: string): string {
  return `%${octet.charCodeAt(0).toString(16).toUpperCase()}`;
}

function toHeaders(fields: WireMap): [string, string][] {
  const pairs: [string, string][] = [];
  for (const name in fields) {
    for (const value of fields[name] as readonly string[]) pairs.push([name, value]);
  }
  return pairs;
}

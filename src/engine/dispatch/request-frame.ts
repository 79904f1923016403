import type { Exchange } from "../../http/exchange.ts";
import { encodeRequest, type RequestConnection } from "../../protocols/worker/request-encoder.ts";
import type { BodyPlace, RequestExtras } from "../../protocols/worker/request-extras.ts";
import { encodeRoute } from "../../protocols/worker/route-encoder.ts";
import { encodeShortRequest } from "../../protocols/worker/short-request-encoder.ts";
import { encodeTls } from "../../protocols/worker/tls-encoder.ts";
import type { WorkerPool } from "../../workers/pool.ts";
import type { AppContext } from "./app-call.ts";

/** Encodes what a worker is told of a request, whose head is valid during the call; `bodyBytes` of body follow behind the frame. */
export function encodeExchange(
  exchange: Exchange,
  { timeoutMs, runtimeVersion, pool }: AppContext,
  bodyBytes: number,
  bodyPlace: BodyPlace | null,
  session: Buffer | null = null,
): Buffer {
  const { head, remoteAddress, scheme } = exchange;
  return encodeRequest(head, {
    remoteAddress,
    scheme,
    timeoutMs,
    runtimeVersion,
    bodyBytes,
    bodyPlace,
    connection: pool.isKnownFor("connection") ? connectionOf(exchange) : null,
    ...extrasOf(exchange, pool),
    session,
  });
}

/** The same in the short form, for workers that name `short_request`; the body follows by value. */
export function encodeShortly(exchange: Exchange, { pool }: AppContext, bodyBytes: number): Buffer {
  const { head, remoteAddress, scheme } = exchange;
  return encodeShortRequest(head, {
    remoteAddress,
    scheme,
    bodyBytes,
    connection: connectionOf(exchange),
    ...extrasOf(exchange, pool),
    match: pool.routes === null ? null : pool.routes.find(head),
  });
}

function extrasOf(
  { tls, route, trailers }: Exchange,
  pool: WorkerPool,
): Pick<RequestExtras, "tls" | "route" | "trailers"> {
  return {
    tls: tls === null ? null : encodeTls(tls),
    route: route === null ? null : encodeRoute({ ...route.route, values: route.values }),
    // Of a body that is still on its way they are behind it.
    trailers: trailers !== null && pool.isKnownFor("request_stream") ? trailers : null,
  };
}

function connectionOf({ httpMajor, head, serverAddress }: Exchange): RequestConnection {
  const httpVersion = httpMajor === 1 ? (head.versionMinor === 0 ? "1.0" : "1.1") : httpMajor === 2 ? "2" : "3";
  return { httpVersion, serverAddress };
}

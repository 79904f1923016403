import type { Exchange } from "../http/exchange.ts";
import { type BodyPlace, encodeRequest, type RequestConnection } from "../protocols/worker/request-encoder.ts";
import { encodeRoute } from "../protocols/worker/route-encoder.ts";
import { encodeTls } from "../protocols/worker/tls-encoder.ts";
import type { AppContext } from "./app-call.ts";

/** Encodes what a worker is told of a request, whose head is valid during the call; `bodyBytes` of body follow behind the frame. */
export function encodeExchange(
  exchange: Exchange,
  { timeoutMs, runtimeVersion, pool }: AppContext,
  bodyBytes: number,
  bodyPlace: BodyPlace | null,
  session: Buffer | null = null,
): Buffer {
  const { head, remoteAddress, scheme, tls: facts, route: match } = exchange;
  const connection = pool.isKnownFor("connection") ? connectionOf(exchange) : null;
  const tls = facts === null ? null : encodeTls(facts);
  const route = match === null ? null : encodeRoute({ ...match.route, values: match.values });
  return encodeRequest(head, {
    remoteAddress,
    scheme,
    timeoutMs,
    runtimeVersion,
    bodyBytes,
    bodyPlace,
    connection,
    // Of a body that is still on its way they are behind it.
    trailers: exchange.trailers !== null && pool.isKnownFor("request_stream") ? exchange.trailers : null,
    tls,
    route,
    session,
  });
}

function connectionOf({ httpMajor, head, serverAddress }: Exchange): RequestConnection {
  const httpVersion = httpMajor === 1 ? (head.versionMinor === 0 ? "1.0" : "1.1") : httpMajor === 2 ? "2" : "3";
  return { httpVersion, serverAddress };
}

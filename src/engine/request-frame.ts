import type { Exchange } from "../http/exchange.ts";
import { type BodyPlace, encodeRequest } from "../protocols/worker/request-encoder.ts";
import { encodeRoute } from "../protocols/worker/route-encoder.ts";
import { encodeTls } from "../protocols/worker/tls-encoder.ts";
import type { AppContext } from "./app-call.ts";

/** Encodes what a worker is told of a request, whose head is valid during the call; `bodyBytes` of body follow behind the frame. */
export function encodeExchange(
  { head, remoteAddress, scheme, tls: facts, route: match }: Exchange,
  { timeoutMs, runtimeVersion }: AppContext,
  bodyBytes: number,
  bodyPlace: BodyPlace | null,
  session: Buffer | null = null,
): Buffer {
  const tls = facts === null ? null : encodeTls(facts);
  const route = match === null ? null : encodeRoute({ ...match.route, values: match.values });
  return encodeRequest(head, {
    remoteAddress,
    scheme,
    timeoutMs,
    runtimeVersion,
    bodyBytes,
    bodyPlace,
    tls,
    route,
    session,
  });
}

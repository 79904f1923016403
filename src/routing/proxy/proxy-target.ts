import { ImmediateHandler } from "../immediate-handler.ts";
import { ProxyCall, type ProxyContext } from "./proxy-call.ts";
import { fixedResponse } from "../../http/fixed-response.ts";
import { forwardsLeft, isLooping } from "./proxy-request.ts";
import type { RouteTarget } from "../route-target.ts";

/**
 * Hands requests to an upstream, and answers 508 (RFC 5842 §7.2) to those that come back: each round would cost two connections. What may be
 * handed on no further is ours (RFC 9110 §7.6.2): OPTIONS 204, and TRACE 501.
 */
export function createProxy(context: ProxyContext): RouteTarget {
  const options = fixedResponse(204, {}, "");
  return (exchange) => {
    if (forwardsLeft(exchange) === 0) {
      const isOptions = exchange.head.isMethod("OPTIONS");
      return new ImmediateHandler(exchange, () => (isOptions ? exchange.respond(options) : exchange.refuse(501)));
    }
    if (!isLooping(exchange)) return new ProxyCall(exchange, context);
    context.log.error("upstream leads back to this server");
    return new ImmediateHandler(exchange, () => exchange.refuse(508));
  };
}

import { ImmediateHandler } from "../immediate-handler.ts";
import { ProxyCall, type ProxyContext } from "./proxy-call.ts";
import { isLooping } from "./proxy-request.ts";
import type { RouteTarget } from "../route-target.ts";

/** Hands requests to an upstream, and answers 508 (RFC 5842 §7.2) to those that come back: each round would cost two connections. */
export function createProxy(context: ProxyContext): RouteTarget {
  return (exchange) => {
    if (!isLooping(exchange)) return new ProxyCall(exchange, context);
    context.log.error("upstream leads back to this server");
    return new ImmediateHandler(exchange, () => exchange.refuse(508));
  };
}

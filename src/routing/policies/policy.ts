import type { Exchange, ExchangeHandler } from "../../http/exchange.ts";
import type { MatchedRoute } from "../../http/matched-route.ts";
import type { RouteTarget } from "../route-target.ts";

/**
 * Stands before the target of a route: answers a request itself, or hands it on, perhaps changed, and may have its answer changed by
 * `Exchange.intercept`. Called while the head is valid, as a `Dispatch` is.
 */
export type Policy = (exchange: Exchange, match: MatchedRoute, next: RouteTarget) => ExchangeHandler;

/** Puts policies before a target, the first of them outermost. Without any it is the target itself. */
export function withPolicies(target: RouteTarget, policies: readonly Policy[]): RouteTarget {
  return policies.reduceRight<RouteTarget>(
    (next, policy) => (exchange, match) => policy(exchange, match, next),
    target,
  );
}

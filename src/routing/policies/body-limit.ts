import { ImmediateHandler } from "../immediate-handler.ts";
import type { Policy } from "./policy.ts";

/**
 * Answers 413 to bodies that are larger than the route takes: unread where their length is announced, and otherwise as soon as they have
 * become too large, however their handler takes them.
 */
export function bodyLimit(bodyBytesMax: number): Policy {
  return (exchange, match, next) => {
    if (exchange.head.contentLength > bodyBytesMax) {
      exchange.refuse(413);
      return new ImmediateHandler(exchange, () => {});
    }
    exchange.limitBody(bodyBytesMax);
    return next(exchange, match);
  };
}

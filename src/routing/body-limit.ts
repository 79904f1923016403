import type { ExchangeHandler } from "../http/exchange.ts";
import { ImmediateHandler } from "./immediate-handler.ts";
import type { Policy } from "./policy.ts";

/**
 * Answers 413 to bodies that are larger than the route takes: unread where their length is announced, and otherwise when they are complete,
 * for which the limit of the server holds meanwhile.
 */
export function bodyLimit(bodyBytesMax: number): Policy {
  return (exchange, match, next) => {
    const { head } = exchange;
    if (head.contentLength > bodyBytesMax) {
      exchange.refuse(413);
      return new ImmediateHandler(exchange, () => {});
    }
    const handler = next(exchange, match);
    if (!head.hasBody || head.contentLength >= 0) return handler;
    return measuring(handler, bodyBytesMax, () => exchange.refuse(413));
  };
}

/** Lets a handler have a body whose length is known only at its end. What takes its body in parts counts for itself. */
function measuring(handler: ExchangeHandler, bodyBytesMax: number, refuse: () => void): ExchangeHandler {
  if (handler.bodyIntake === "parts") return handler;
  return {
    ...(handler.bodyIntake !== undefined && { bodyIntake: handler.bodyIntake }),
    onRequest(body) {
      if (body !== null && body.byteLength > bodyBytesMax) refuse();
      else handler.onRequest(body);
    },
    onClientEnd: () => handler.onClientEnd(),
    onAbandoned: () => handler.onAbandoned(),
  };
}

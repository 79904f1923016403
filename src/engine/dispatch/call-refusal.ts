import type { Exchange } from "../../http/exchange.ts";
import type { CallFailure } from "../../workers/calls/call.ts";

/** Answers an exchange whose call has ended without a response: 501 to 504, and 413. */
export function refuseFailed(exchange: Exchange, failure: CallFailure): void {
  switch (failure.kind) {
    case "queue-full":
    case "queue-timeout":
    case "unavailable":
    case "stopping":
      exchange.refuse(503, { retryAfterS: failure.retryAfterS });
      break;
    case "timeout":
      exchange.refuse(504);
      break;
    case "worker-lost":
      exchange.refuse(502);
      break;
    case "too-large":
      exchange.refuse(413);
      break;
    case "unsupported":
      exchange.refuse(501);
      break;
    default:
      failure satisfies never;
  }
}

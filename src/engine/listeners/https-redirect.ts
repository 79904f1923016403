import { fixedResponse } from "../../http/fixed-response.ts";
import type { Dispatch, Exchange, ExchangeHandler } from "../../http/exchange.ts";

const HTTPS_PORT = 443;
const SECURE = "https://";

/**
 * Sends requests in the clear to the same address under `https`; what came over TLS, to here or to a trusted proxy, is dispatched.
 *
 * Only to the host that the request itself names, which its decoder has found to be one: nothing in a path or query can choose another.
 */
export function redirectToHttps(dispatch: Dispatch, httpsPort: number): Dispatch {
  return (exchange) => (exchange.scheme === "https" ? dispatch(exchange) : new HttpsRedirect(exchange, httpsPort));
}

/** Answers one request with 308, which keeps its method and body (RFC 9110 §15.4.9). */
class HttpsRedirect implements ExchangeHandler {
  readonly isHeadEnough = true;
  readonly #exchange: Exchange;
  readonly #httpsPort: number;

  constructor(exchange: Exchange, httpsPort: number) {
    this.#exchange = exchange;
    this.#httpsPort = httpsPort;
  }

  onRequest(): void {
    const { head } = this.#exchange;
    const host = head.authority.replace(/:\d*$/, "");
    // HTTP/1.0 need not name a host, and there is none to guess; `*` and CONNECT name no page.
    if (host === "" || head.isMethod("CONNECT") || head.path[0] !== "/") {
      this.#exchange.refuse(400);
      return;
    }
    const port = this.#httpsPort === HTTPS_PORT ? "" : `:${this.#httpsPort}`;
    const query = head.query === "" ? "" : `?${head.query}`;
    const location = `${SECURE}${host}${port}${head.path}${query}`;
    this.#exchange.respond(fixedResponse(308, { Location: location, "Content-Type": "text/plain" }, ""));
  }

  onClientEnd(): "answer" {
    return "answer";
  }

  onAbandoned(): void {
    // Nothing is under way.
  }
}

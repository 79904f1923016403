import type { Exchange, ExchangeHandler } from "../../http/exchange.ts";
import { fixedResponse } from "../../http/fixed-response.ts";

const RESPONSE = fixedResponse(
  200,
  { "Content-Type": "application/json" },
  '{"message":"Hello from the stub","runtime":"stub"}',
);

/** Answers at once and always the same, without a worker: what the front costs by itself (`runtime: stub`). */
export class StubHandler implements ExchangeHandler {
  readonly #exchange: Exchange;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  onRequest(): void {
    this.#exchange.respond(RESPONSE);
  }

  onClientEnd(): "answer" {
    return "answer";
  }

  onAbandoned(): void {
    // Nothing is under way.
  }
}

import type { Exchange, ExchangeHandler } from "../http/exchange.ts";

/** Answers as its head says, without anything under way meanwhile. */
export class ImmediateHandler implements ExchangeHandler {
  readonly isHeadEnough = true;
  readonly #answer: (exchange: Exchange) => void;
  readonly #exchange: Exchange;

  constructor(exchange: Exchange, answer: (exchange: Exchange) => void) {
    this.#exchange = exchange;
    this.#answer = answer;
  }

  onRequest(): void {
    this.#answer(this.#exchange);
  }

  onClientEnd(): "answer" {
    return "answer";
  }

  onAbandoned(): void {
    // Nothing is under way.
  }
}

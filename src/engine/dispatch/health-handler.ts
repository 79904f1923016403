import type { Exchange, ExchangeHandler } from "../../http/exchange.ts";
import { fixedResponse } from "../../http/fixed-response.ts";

/** What `/health` tells: whether requests can be served, with how many workers, and how many of them are at work. */
export interface Health {
  readonly isServing: boolean;
  readonly workerCount: number;
  readonly activeCount: number;
}

/** Answers the health path without a worker, so that it tells the truth when all of them are busy: 200 while serving, 503 otherwise. */
export class HealthHandler implements ExchangeHandler {
  readonly isHeadEnough = true;
  readonly #exchange: Exchange;
  readonly #check: () => Health;

  constructor(exchange: Exchange, check: () => Health) {
    this.#exchange = exchange;
    this.#check = check;
  }

  onRequest(): void {
    const { isServing, workerCount, activeCount } = this.#check();
    const status = isServing ? "ok" : "unavailable";
    const body = JSON.stringify({ status, workers: workerCount, active: activeCount });
    const fields = { "Content-Type": "application/json", "Cache-Control": "no-store" };
    this.#exchange.respond(fixedResponse(isServing ? 200 : 503, fields, body));
  }

  onClientEnd(): "answer" {
    return "answer";
  }

  onAbandoned(): void {
    // Nothing is under way.
  }
}

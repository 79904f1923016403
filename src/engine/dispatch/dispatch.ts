import type { Dispatch, Exchange, ExchangeHandler } from "../../http/exchange.ts";
import { type Health, HealthHandler } from "./health-handler.ts";

export interface DispatchOptions {
  /** Answered by the engine itself, for GET and HEAD; `null` leaves every path to the app. */
  readonly healthPath: string | null;
  readonly health: () => Health;
  /** Answers everything else. */
  readonly app: (exchange: Exchange) => ExchangeHandler;
}

/** Decides who answers an exchange. */
export function createDispatch({ healthPath, health, app }: DispatchOptions): Dispatch {
  if (healthPath === null) return app;
  return (exchange) => {
    const { head } = exchange;
    const isHealth = head.isPath(healthPath) && (head.isMethod("GET") || head.isMethod("HEAD"));
    return isHealth ? new HealthHandler(exchange, health) : app(exchange);
  };
}

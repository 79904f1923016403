import { fixedResponse } from "../http/fixed-response.ts";
import { ImmediateHandler } from "./immediate-handler.ts";
import type { RouteTarget } from "./route-target.ts";

/** What a fixed answer says. */
export interface FixedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Answers always the same, made once. */
export function createFixedAnswer({ status, headers, body }: FixedAnswer): RouteTarget {
  const hasType = Object.keys(headers).some((name) => name.toLowerCase() === "content-type");
  const fields = hasType || body === "" ? headers : { ...headers, "Content-Type": "text/plain; charset=utf-8" };
  const response = fixedResponse(status, fields, body);
  return (exchange) => new ImmediateHandler(exchange, () => exchange.respond(response));
}

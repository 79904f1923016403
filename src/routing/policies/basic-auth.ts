import type { BasicAuthConfig } from "../../config/route-policy-config.ts";
import type { Exchange, ExchangeHandler } from "../../http/exchange.ts";
import type { MatchedRoute } from "../../http/matched-route.ts";
import type { RequestStream } from "../../http/body/request-stream.ts";
import { StreamStore } from "../../http/body/stream-store.ts";
import type { SpooledBody } from "../../http/body/body-spool.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { ImmediateHandler } from "../immediate-handler.ts";
import { PasswordCheck } from "./password-check.ts";
import type { Policy } from "./policy.ts";
import type { RouteTarget } from "../route-target.ts";

/**
 * Lets only those pass who name themselves and their password (RFC 7617). What was verified once passes at once; the first time takes as
 * long as the hash wants, on a thread of its own, while the request waits.
 */
export function basicAuth({ realm, users }: BasicAuthConfig, log: Logger): Policy {
  const check = new PasswordCheck(users, log);
  const challenge = { fields: [["WWW-Authenticate", `Basic realm="${realm}", charset="UTF-8"`]] } as const;
  return (exchange, match, next) => {
    const credentials = credentialsOf(exchange);
    if (credentials === null) return new ImmediateHandler(exchange, () => exchange.refuse(401, challenge));
    const known = check.recall(credentials);
    if (known === true) return admit(exchange, credentials, match, next);
    if (known === false) return new ImmediateHandler(exchange, () => exchange.refuse(401, challenge));
    exchange.keepHead();
    const waiting = new WaitingHandler(exchange, match, next);
    void check.verify(credentials).then((verdict) => {
      if (verdict === "denied") exchange.refuse(401, challenge);
      else if (verdict === "busy") exchange.refuse(503, { retryAfterS: 1 });
      else waiting.pass(credentials);
    });
    return waiting;
  };
}

/** Hands on a request whose password is right; logs have the name. */
function admit(exchange: Exchange, credentials: string, match: MatchedRoute, next: RouteTarget): ExchangeHandler {
  const { trace } = exchange;
  if (trace !== null) trace.user = Buffer.from(credentials.slice(0, credentials.indexOf(":"))).toString("latin1");
  return next(exchange, match);
}

/** The user-id and password, joined by a colon, as RFC 7617 §2 sends them in UTF-8; null for anything else. */
function credentialsOf({ head }: Exchange): string | null {
  const [, encoded] = /^basic +([A-Za-z0-9+/]{1,1024}={0,2})$/i.exec(head.fields.get("authorization") ?? "") ?? [];
  if (encoded === undefined) return null;
  const credentials = Buffer.from(encoded, "base64").toString("utf8");
  return credentials.includes(":") ? credentials : null;
}

/** Holds a request until it may pass. Nothing of its body is read before: who may not send it shall not cost a disk. */
class WaitingHandler implements ExchangeHandler {
  readonly bodyIntake = "parts";
  readonly #exchange: Exchange;
  readonly #match: MatchedRoute;
  readonly #next: RouteTarget;
  #body: RequestStream | null = null;
  #isComplete = false;
  #handler: ExchangeHandler | null = null;

  constructor(exchange: Exchange, match: MatchedRoute, next: RouteTarget) {
    this.#exchange = exchange;
    this.#match = match;
    this.#next = next;
  }

  pass(credentials: string): void {
    if (this.#exchange.isEnded) return;
    this.#handler = admit(this.#exchange, credentials, this.#match, this.#next);
    if (this.#exchange.isEnded) return;
    if (this.#body !== null) this.#handBody(this.#handler, this.#body);
    else if (this.#isComplete) this.#handler.onRequest(null);
  }

  onRequest(body: SpooledBody | null): void {
    this.#isComplete = true;
    this.#handler?.onRequest(body);
  }

  onRequestStream(body: RequestStream): void {
    if (this.#handler === null) this.#body = body;
    else this.#handBody(this.#handler, body);
  }

  onClientEnd(): ReturnType<ExchangeHandler["onClientEnd"]> {
    return this.#handler?.onClientEnd() ?? "drop";
  }

  onAbandoned(): void {
    this.#handler?.onAbandoned();
  }

  #handBody(handler: ExchangeHandler, body: RequestStream): void {
    const { bodyIntake = "whole" } = handler;
    if (bodyIntake !== "parts") new StreamStore(body, this.#exchange, bodyIntake).start();
    else handler.onRequestStream?.(body);
  }
}

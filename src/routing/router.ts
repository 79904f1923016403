import type { RouteConfig } from "../config/route-config.ts";
import type { Exchange, ExchangeHandler } from "../http/exchange.ts";
import { fixedResponse } from "../http/fixed-response.ts";
import { MatchedRoute } from "../http/matched-route.ts";
import { type EntryJudge, PathTable } from "../paths/path-table.ts";
import { type EncodedSlashes, readPath } from "../paths/request-path.ts";
import type { RequestHead } from "../protocols/http/request-head.ts";
import type { Logger } from "../telemetry/logger.ts";
import { HostTable } from "./host-table.ts";
import { ImmediateHandler } from "./immediate-handler.ts";
import { Route } from "./route.ts";
import type { RouteActions, RouteTarget } from "./route-target.ts";

/** Rewrites of one request; more are a circle. */
export const REWRITE_COUNT_MAX = 10;

export interface RouterOptions {
  readonly routes: readonly RouteConfig[];
  readonly actions: RouteActions;
  readonly encodedSlashes: EncodedSlashes;
  readonly log: Logger;
}

/**
 * Finds the most specific route that takes a request: by host, by path, by the number of other conditions, by order. Paths that the program
 * behind a route might read otherwise are refused before any route is asked (see `readPath`).
 */
export class Router {
  readonly #hosts = new HostTable(() => new PathTable<Route>());
  readonly #encodedSlashes: EncodedSlashes;
  readonly #log: Logger;
  readonly #judge = new RouteJudge();

  constructor({ routes, actions, encodedSlashes, log }: RouterOptions) {
    this.#encodedSlashes = encodedSlashes;
    this.#log = log;
    const askAgain: RouteTarget = (exchange, match) => this.#dispatchAgain(exchange, match);
    const byPrecedence = routes
      .map((route) => new Route(route, { actions, askAgain, log }))
      .toSorted((one, other) => other.conditionCount - one.conditionCount);
    for (const route of byPrecedence) {
      const tables =
        route.hosts.length === 0 ? [this.#hosts.any] : route.hosts.map((host) => this.#hosts.entryOf(host));
      for (const table of tables) table.add(route.pattern, route);
    }
  }

  /** A `Dispatch`: decides who answers an exchange. */
  dispatch(exchange: Exchange): ExchangeHandler {
    return this.#dispatch(exchange, 0);
  }

  #dispatch(exchange: Exchange, rewriteCount: number): ExchangeHandler {
    const { head } = exchange;
    const path = readPath(head.bytes, head.pathStart, head.pathEnd, this.#encodedSlashes);
    if (typeof path !== "string") return refusal(exchange, 400);
    // Of targets without a slash only `*` is left, which is about the server (RFC 9110 §9.3.7).
    if (!path.startsWith("/")) return allowed(exchange, []);
    const hit = this.#find(head, path);
    if (hit === null || this.#judge.isMethodDisguised) return this.#refuseUnmatched(exchange);
    const { route, parts } = hit;
    const match = new MatchedRoute(route, parts, rewriteCount);
    exchange.route = match;
    return route.target(exchange, match);
  }

  #dispatchAgain(exchange: Exchange, { route, rewriteCount }: MatchedRoute): ExchangeHandler {
    if (rewriteCount < REWRITE_COUNT_MAX) return this.#dispatch(exchange, rewriteCount + 1);
    this.#log.error("request rewritten without end", { route: route.name, rewriteCountMax: REWRITE_COUNT_MAX });
    return refusal(exchange, 500);
  }

  #find(head: RequestHead, path: string): Hit | null {
    const judge = this.#judge;
    judge.begin(head);
    if (this.#hosts.isUniform) return found(this.#hosts.any, judge, path);
    for (const table of this.#hosts.entriesFor(head.authority)) {
      const hit = found(table, judge, path);
      if (hit !== null) return hit;
    }
    return null;
  }

  /** Routes that would have taken the path with another method say so; otherwise there is nothing there. */
  #refuseUnmatched(exchange: Exchange): ExchangeHandler {
    const methods = this.#judge.allowedMethods();
    if (methods.length === 0) return refusal(exchange, 404);
    if (exchange.head.isMethod("OPTIONS")) return allowed(exchange, methods);
    return refusal(exchange, 405, methods.join(", "));
  }
}

/** Asks routes for one request, and keeps the methods of those that would have taken it but for its own. */
class RouteJudge implements EntryJudge<Route> {
  #head!: RequestHead;
  #method: string | null = null;
  readonly #allowed = new Set<string>();
  /**
   * True once a route was passed over for the letter case of the method alone, which RFC 9110 §9.1 minds. What is behind the next route may take
   * `delete` for DELETE, and then it would have got past the route that guards that.
   */
  isMethodDisguised = false;

  begin(head: RequestHead): void {
    this.#head = head;
    this.#method = null;
    this.isMethodDisguised = false;
    if (this.#allowed.size > 0) this.#allowed.clear();
  }

  takes({ methods, conditions }: Route): boolean {
    if (conditions !== null && !conditions.hold(this.#head)) return false;
    if (methods === null) return true;
    this.#method ??= methodOf(this.#head);
    if (methods.has(this.#method)) return true;
    this.isMethodDisguised ||= methods.has(this.#method.toUpperCase());
    for (const method of methods) this.#allowed.add(method);
    return false;
  }

  /** In the order of the alphabet; OPTIONS is answered wherever anything is. */
  allowedMethods(): readonly string[] {
    return this.#allowed.size === 0 ? [] : [...this.#allowed.add("OPTIONS")].toSorted();
  }
}

/** A route, and what the path has for its parameters. */
interface Hit {
  readonly route: Route;
  readonly parts: readonly string[];
}

function found(table: PathTable<Route>, judge: RouteJudge, path: string): Hit | null {
  const route = table.find(path, judge);
  if (route === null) return null;
  const { parameterNames: names } = route;
  const { offsets } = table;
  const parts = names.map((_, index) => path.slice(offsets[2 * index], offsets[2 * index + 1]));
  return { route, parts };
}

/** RFC 8441 §4: an extended CONNECT asks for what GET does in HTTP/1.1. */
function methodOf(head: RequestHead): string {
  return head.isExtendedConnect ? "GET" : head.method;
}

function refusal(exchange: Exchange, status: number, allow?: string): ExchangeHandler {
  const options = allow === undefined ? undefined : { allow };
  return new ImmediateHandler(exchange, () => exchange.refuse(status, options));
}

function allowed(exchange: Exchange, methods: readonly string[]): ExchangeHandler {
  const fields = methods.length === 0 ? {} : { Allow: methods.join(", ") };
  return new ImmediateHandler(exchange, () => exchange.respond(fixedResponse(204, fields, "")));
}

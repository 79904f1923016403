import type { RouteActionConfig, RouteConfig } from "../config/route-config.ts";
import type { Exchange, ExchangeHandler } from "../http/exchange.ts";
import type { MatchedRoute } from "../http/matched-route.ts";

/** Answers the requests of one route. Called once the head is known, as a `Dispatch` is. */
export type RouteTarget = (exchange: Exchange, match: MatchedRoute) => ExchangeHandler;

/** The actions that answer; a reroute asks the routes again. */
export type AnsweringAction = Exclude<RouteActionConfig, { readonly kind: "reroute" }>;

/**
 * What makes the target of a route, for each kind of action: the seam between routes, which know who a request is for, and whoever answers.
 * The engine hands in one entry a kind; a new kind of action is a member of `RouteActionConfig`, its options, and an entry here.
 */
export type RouteActions = {
  readonly [Kind in AnsweringAction["kind"]]: (
    action: Extract<AnsweringAction, { readonly kind: Kind }>,
    route: RouteConfig,
  ) => RouteTarget;
};

/** Makes the target of a route whose action answers. */
export function createTarget(actions: RouteActions, action: AnsweringAction, route: RouteConfig): RouteTarget {
  switch (action.kind) {
    case "app":
      return actions.app(action, route);
    case "redirect":
      return actions.redirect(action, route);
    case "static":
      return actions.static(action, route);
    case "proxy":
      return actions.proxy(action, route);
    case "respond":
      return actions.respond(action, route);
  }
}

import type { RouteConfig } from "../config/route-config.ts";
import type { RouteIdentity } from "../http/matched-route.ts";
import { parameterNames, parsePathPattern, type PathPattern } from "../paths/path-pattern.ts";
import { assert } from "../base/assert.ts";
import type { Logger } from "../telemetry/logger.ts";
import { withPolicies } from "./policies/policy.ts";
import { rewriting } from "./rewrite.ts";
import { policiesOf } from "./policies/route-policies.ts";
import { RouteConditions } from "./route-conditions.ts";
import { createTarget, type RouteActions, type RouteTarget } from "./route-target.ts";

/** What routes are made of beside their configuration. */
export interface RouteParts {
  readonly actions: RouteActions;
  /** Asks all routes, with the path that a request has been rewritten to. */
  readonly askAgain: RouteTarget;
  readonly log: Logger;
}

/** A route of the configuration, made ready to be asked and to answer. */
export class Route implements RouteIdentity {
  readonly name: string;
  readonly path: string;
  readonly place: string;
  readonly hosts: readonly string[];
  readonly pattern: PathPattern;
  readonly parameterNames: readonly string[];
  /** Null takes any method. */
  readonly methods: ReadonlySet<string> | null;
  /** Null where there are none. */
  readonly conditions: RouteConditions | null;
  /** What answers, with everything that stands before it. */
  readonly target: RouteTarget;

  constructor(config: RouteConfig, { actions, askAgain, log }: RouteParts) {
    const { name, place, match, rewrite, action, policies } = config;
    const pattern = parsePathPattern(match.path);
    assert(typeof pattern !== "string", "the configuration has checked its patterns");
    const conditions = new RouteConditions(match);
    this.name = name;
    this.path = match.path;
    this.place = place;
    this.hosts = match.hosts;
    this.pattern = pattern;
    this.parameterNames = parameterNames(pattern);
    this.methods = match.methods.length === 0 ? null : methodsOf(match.methods, policies.cors !== null);
    this.conditions = conditions.count === 0 ? null : conditions;
    const answering = action.kind === "reroute" ? askAgain : createTarget(actions, action, config);
    const target = rewrite === null ? answering : rewriting(rewrite, answering);
    this.target = withPolicies(target, policiesOf(policies, log));
  }

  /** Of two routes for one host and one shape of path, the one with more conditions goes first. */
  get conditionCount(): number {
    return (this.conditions?.count ?? 0) + (this.methods === null ? 0 : 1);
  }
}

/** RFC 9110 §9.3.2: whoever answers GET answers HEAD. Preflights of CORS come with OPTIONS. */
function methodsOf(methods: readonly string[], hasCors: boolean): ReadonlySet<string> {
  return new Set([...methods, ...(methods.includes("GET") ? ["HEAD"] : []), ...(hasCors ? ["OPTIONS"] : [])]);
}

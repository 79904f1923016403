import type { RouteConfig } from "../config/route-config.ts";
import type { RouteIdentity } from "../http/matched-route.ts";
import { parameterNames, parsePathPattern, type PathPattern } from "../paths/path-pattern.ts";
import { assert } from "../base/assert.ts";
import { TargetTemplate } from "../paths/target-template.ts";
import { RouteConditions } from "./route-conditions.ts";
import { createTarget, type RouteActions, type RouteTarget } from "./route-target.ts";

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
  readonly rewrite: TargetTemplate | null;
  /** Null asks the routes again. */
  readonly target: RouteTarget | null;

  constructor(config: RouteConfig, actions: RouteActions) {
    const { name, place, match, rewrite, action } = config;
    const pattern = parsePathPattern(match.path);
    assert(typeof pattern !== "string", "the configuration has checked its patterns");
    const conditions = new RouteConditions(match);
    this.name = name;
    this.path = match.path;
    this.place = place;
    this.hosts = match.hosts;
    this.pattern = pattern;
    this.parameterNames = parameterNames(pattern);
    this.methods = match.methods.length === 0 ? null : methodsOf(match.methods);
    this.conditions = conditions.count === 0 ? null : conditions;
    this.rewrite = rewrite === null ? null : new TargetTemplate(rewrite);
    this.target = action.kind === "reroute" ? null : createTarget(actions, action, config);
  }

  /** Of two routes for one host and one shape of path, the one with more conditions goes first. */
  get conditionCount(): number {
    return (this.conditions?.count ?? 0) + (this.methods === null ? 0 : 1);
  }
}

/** RFC 9110 §9.3.2: whoever answers GET answers HEAD. */
function methodsOf(methods: readonly string[]): ReadonlySet<string> {
  return new Set(methods.includes("GET") ? [...methods, "HEAD"] : methods);
}

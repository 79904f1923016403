import { patternShape } from "../../paths/path-pattern.ts";
import type { ConfigProblem } from "../problem.ts";
import { routeMatchFields as match } from "../options/route-options.ts";
import { asRequested, lowerCaseNames } from "../resolve/resolve-routes.ts";
import { patternOf } from "./route-rules.ts";
import { routeScopes } from "../route-scopes.ts";
import { healthPath } from "../options/server-options.ts";
import type { Settings } from "../settings.ts";
import type { SettingsScope } from "../settings-scope.ts";

/**
 * Routes that no request can reach, because another one that goes before takes all of theirs, or the health path is theirs. Between routes
 * whose paths differ in shape the former cannot be: the more specific one goes first and takes less.
 */
export function checkShadows(settings: Settings): readonly ConfigProblem[] {
  const byShape = new Map<string, SettingsScope[]>();
  const warnings: ConfigProblem[] = routeScopes(settings).flatMap((route) => shadowsOfHealth(settings, route));
  for (const route of routeScopes(settings)) {
    const shape = patternShape(patternOf(route));
    const others = byShape.get(shape) ?? [];
    byShape.set(shape, others);
    const shadow = others.find((other) => takesAllOf(other, route));
    others.push(route);
    if (shadow === undefined) continue;
    warnings.push({
      message: `Cannot reach ${route.item}: ${shadow.item} takes all of its requests`,
      origins: [settings.itemOrigin(shadow.item), settings.itemOrigin(route.item)],
      hint: "try: remove one of the two, or give them different conditions",
    });
  }
  return warnings;
}

/** The health path is answered before any route is asked. */
function shadowsOfHealth(settings: Settings, route: SettingsScope): readonly ConfigProblem[] {
  const path = settings.value(healthPath);
  const pattern = patternOf(route);
  const isExact = pattern.rest === null && pattern.segments.every(({ kind }) => kind === "text");
  if (!isExact || route.value(match.path) !== path) return [];
  return [
    {
      message: `Cannot reach ${route.item}: server.health_path is ${path}, which is answered before any route is asked`,
      origins: [route.origin(match.path), settings.origin(healthPath.key)].filter(({ kind }) => kind !== "default"),
      hint: "try: server.health_path: off, or another path there",
    },
  ];
}

/** Of two routes of one shape, whether the earlier one takes whatever the later one would. More conditions go first and take less. */
function takesAllOf(earlier: SettingsScope, later: SettingsScope): boolean {
  return (
    isWithin(hostsOf(later), hostsOf(earlier)) &&
    isWithin(methodsOf(later), methodsOf(earlier)) &&
    isSubset(earlier.entries(match.query), later.entries(match.query)) &&
    isSubset(lowerCaseNames(earlier.entries(match.header)), lowerCaseNames(later.entries(match.header))) &&
    conditionCount(earlier) >= conditionCount(later)
  );
}

function hostsOf(route: SettingsScope): readonly string[] {
  return route.value(match.host).map(asRequested);
}

/** Whoever takes GET takes HEAD. */
function methodsOf(route: SettingsScope): readonly string[] {
  const methods = route.value(match.method);
  return methods.includes("GET") ? [...methods, "HEAD"] : methods;
}

function conditionCount(route: SettingsScope): number {
  return Object.keys(route.entries(match.query)).length + Object.keys(route.entries(match.header)).length;
}

/** An empty list is everything: a narrower one is within it, but one that names hosts goes before one that does not. */
function isWithin(inner: readonly string[], outer: readonly string[]): boolean {
  if (outer.length === 0) return inner.length === 0;
  return inner.length > 0 && inner.every((each) => outer.includes(each));
}

function isSubset(fewer: Readonly<Record<string, string>>, more: Readonly<Record<string, string>>): boolean {
  return Object.entries(fewer).every(([name, value]) => name in more && (value === "*" || more[name] === value));
}

import { patternShape } from "../paths/path-pattern.ts";
import type { ConfigProblem } from "./problem.ts";
import { routeMatchFields as match } from "./route-options.ts";
import { lowerCaseNames } from "./resolve-routes.ts";
import { patternOf } from "./route-rules.ts";
import { routeScopes } from "./route-scopes.ts";
import type { Settings } from "./settings.ts";
import type { SettingsScope } from "./settings-scope.ts";

/**
 * Routes that no request can reach, because another one that goes before takes all of theirs. Between routes whose paths differ in shape
 * that cannot be: the more specific one goes first and takes less.
 */
export function checkShadows(settings: Settings): readonly ConfigProblem[] {
  const byShape = new Map<string, SettingsScope[]>();
  const warnings: ConfigProblem[] = [];
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

/** Of two routes of one shape, whether the earlier one takes whatever the later one would. More conditions go first and take less. */
function takesAllOf(earlier: SettingsScope, later: SettingsScope): boolean {
  return (
    isWithin(hostsOf(later), hostsOf(earlier)) &&
    isWithin(later.value(match.method), earlier.value(match.method)) &&
    isSubset(earlier.entries(match.query), later.entries(match.query)) &&
    isSubset(lowerCaseNames(earlier.entries(match.header)), lowerCaseNames(later.entries(match.header))) &&
    conditionCount(earlier) >= conditionCount(later)
  );
}

function hostsOf(route: SettingsScope): readonly string[] {
  return route.value(match.host).map((host) => host.toLowerCase());
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

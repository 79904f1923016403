import { PathTable } from "../../paths/path-table.ts";
import { TargetTemplate } from "../../paths/target-template.ts";
import type { ConfigProblem } from "../problem.ts";
import { givenActions } from "../resolve/resolve-routes.ts";
import { routeActionFields as action, routeMatchFields as match } from "../options/route-options.ts";
import { patternOf } from "./route-rules.ts";
import { routeScopes } from "../route-scopes.ts";
import type { Settings } from "../settings.ts";
import type { SettingsScope } from "../settings-scope.ts";

/** Stands for what a request has in the place of a parameter: digits, so that it is one of `{name:int}`, too. */
const SAMPLE = "0";

/**
 * Rewrites that lead back to where they came from. Only routes without conditions beside their paths are followed: for those it is certain.
 * What conditions hide ends at run time, after a bounded number of rewrites.
 */
export function checkRewriteLoops(settings: Settings): readonly ConfigProblem[] {
  return findLoops(settings, rewriteTarget).map((loop) => ({
    message: `Cannot use ${loop[0]!.keyOf(action.rewrite)}: it goes round in a circle (${itemsOf(loop)}), a path that another action answers is allowed`,
    origins: loop.map((each) => each.origin(action.rewrite)),
    hint: null,
  }));
}

/**
 * Redirects that send clients back to where they came from, perhaps by way of rewrites. Only paths of this server are followed, and those without
 * a query, which may be what ends the circle.
 */
export function checkRedirectLoops(settings: Settings): readonly ConfigProblem[] {
  const loops = findLoops(settings, (route) => redirectTarget(route) ?? rewriteTarget(route));
  return loops
    .filter((loop) => loop.some((each) => redirectTarget(each) !== null))
    .map((loop) => ({
      message: `Cannot lead anywhere by ${loop[0]!.item}: clients go round in a circle (${itemsOf(loop)})`,
      origins: loop.map((each) => each.origin(redirectTarget(each) === null ? action.rewrite : action.redirectTo)),
      hint: "try: a path that another action answers",
    }));
}

/** Where a route leads on to; `null` where it ends. */
type TargetOf = (route: SettingsScope) => string | null;

/** Each circle once, from its first route on. */
function findLoops(settings: Settings, targetOf: TargetOf): readonly (readonly SettingsScope[])[] {
  const routes = routeScopes(settings).filter(isUnconditional);
  const table = new PathTable<SettingsScope>();
  for (const route of routes) table.add(patternOf(route), route);
  const known = new Set<SettingsScope>();
  return routes.flatMap((route): readonly (readonly SettingsScope[])[] => {
    const loop = loopFrom(route, table, targetOf);
    if (loop.length === 0 || loop.some((each) => known.has(each))) return [];
    for (const each of loop) known.add(each);
    return [loop];
  });
}

/** The routes of a circle that `start` is in; empty where it ends. */
function loopFrom(start: SettingsScope, table: PathTable<SettingsScope>, targetOf: TargetOf): readonly SettingsScope[] {
  const passed: SettingsScope[] = [];
  for (let route: SettingsScope | null = start; route !== null;) {
    const target = targetOf(route);
    if (target === null) break;
    if (passed.includes(route)) return route === start ? passed : [];
    passed.push(route);
    route = table.find(samplePath(target), { takes: () => true });
  }
  return [];
}

function itemsOf(loop: readonly SettingsScope[]): string {
  return loop.map(({ item }) => item).join(" to ");
}

function samplePath(template: string): string {
  const target = new TargetTemplate(template).render({ parameter: () => SAMPLE, word: () => SAMPLE });
  return target.split("?", 1)[0] ?? target;
}

function rewriteTarget(route: SettingsScope): string | null {
  return givenActions(route).length === 0 ? route.value(action.rewrite) : null;
}

function redirectTarget(route: SettingsScope): string | null {
  const target = route.value(action.redirectTo);
  const isFollowed = target !== null && target.startsWith("/") && !target.includes("?");
  return isFollowed && route.value(action.rewrite) === null ? target : null;
}

function isUnconditional(route: SettingsScope): boolean {
  const hasLists = [match.host, match.method].some((option) => route.value(option).length > 0);
  const hasMaps = [match.query, match.header].some((option) => Object.keys(route.entries(option)).length > 0);
  return !hasLists && !hasMaps;
}

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
  const routes = routeScopes(settings).filter(isUnconditional);
  const table = new PathTable<SettingsScope>();
  for (const route of routes) table.add(patternOf(route), route);
  const known = new Set<SettingsScope>();
  return routes.flatMap((route): readonly ConfigProblem[] => {
    const loop = loopFrom(route, table);
    if (loop.length === 0 || loop.some((each) => known.has(each))) return [];
    for (const each of loop) known.add(each);
    const items = loop.map(({ item }) => item).join(" to ");
    return [
      {
        message: `Cannot use ${route.keyOf(action.rewrite)}: it goes round in a circle (${items}), a path that another action answers is allowed`,
        origins: loop.map((each) => each.origin(action.rewrite)),
        hint: null,
      },
    ];
  });
}

/** The routes of a circle that `start` is in; empty where it ends. */
function loopFrom(start: SettingsScope, table: PathTable<SettingsScope>): readonly SettingsScope[] {
  const passed: SettingsScope[] = [];
  for (let route: SettingsScope | null = start; route !== null && isReroute(route);) {
    if (passed.includes(route)) return route === start ? passed : [];
    passed.push(route);
    route = table.find(samplePath(route), { takes: () => true });
  }
  return [];
}

function samplePath(route: SettingsScope): string {
  const target = new TargetTemplate(route.value(action.rewrite) ?? "").render({
    parameter: () => SAMPLE,
    word: () => SAMPLE,
  });
  return target.split("?", 1)[0] ?? target;
}

function isReroute(route: SettingsScope): boolean {
  return route.value(action.rewrite) !== null && givenActions(route).length === 0;
}

function isUnconditional(route: SettingsScope): boolean {
  const hasLists = [match.host, match.method].some((option) => route.value(option).length > 0);
  const hasMaps = [match.query, match.header].some((option) => Object.keys(route.entries(option)).length > 0);
  return !hasLists && !hasMaps;
}

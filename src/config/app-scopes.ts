import { apps, DEFAULT_APP } from "./options/app-options.ts";
import { namesOf } from "./options/option-list.ts";
import { routeScopes } from "./route-scopes.ts";
import { routeActionFields } from "./options/route-options.ts";
import type { Settings } from "./settings.ts";
import { SettingsScope } from "./settings-scope.ts";

/** An app, and where its options are. */
export interface AppScope {
  readonly name: string;
  readonly scope: SettingsScope;
}

/**
 * The apps of `apps`, or the one that the top of the file describes; not that one, when there are routes and none of them leads to it: a
 * site of files alone needs no worker.
 */
export function appScopes(settings: Settings): readonly AppScope[] {
  const names = settings.value(namesOf(apps));
  if (names.length > 0)
    return names.map((name) => ({ name, scope: new SettingsScope(settings, `${apps.key}.${name}`) }));
  const routes = routeScopes(settings);
  const isWanted = routes.length === 0 || routes.some((route) => route.value(routeActionFields.app) === DEFAULT_APP);
  return isWanted ? [{ name: DEFAULT_APP, scope: new SettingsScope(settings) }] : [];
}

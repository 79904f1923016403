import { itemKeys } from "./options/option-list.ts";
import { routes } from "./options/route-options.ts";
import type { Settings } from "./settings.ts";
import { SettingsScope } from "./settings-scope.ts";

/** The items of `routes`, in their order. */
export function routeScopes(settings: Settings): readonly SettingsScope[] {
  return itemKeys(settings, routes).map((item) => new SettingsScope(settings, item));
}

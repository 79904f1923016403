import { APP_FIELDS, apps } from "../options/app-options.ts";
import { appScopes } from "../app-scopes.ts";
import { namesOf } from "../options/option-list.ts";
import type { Origin } from "../origin.ts";
import type { ConfigProblem } from "../problem.ts";
import { routeActionFields, routes } from "../options/route-options.ts";
import { routeScopes } from "../route-scopes.ts";
import type { Settings } from "../settings.ts";

/** What `apps` has to be to the short form and to the routes. */
export function checkApps(settings: Settings): readonly ConfigProblem[] {
  const names = settings.value(namesOf(apps));
  if (names.length === 0) return strayOverrides(settings, names);
  return [...shortForms(settings), ...strayOverrides(settings, names), ...withoutRoutes(settings, names)];
}

/** Apps that nothing leads to: they cost memory and answer nobody. */
export function checkAppAdvice(settings: Settings): readonly ConfigProblem[] {
  const items = routeScopes(settings);
  if (items.length === 0) return [];
  const reached = new Set(items.map((route) => route.value(routeActionFields.app)));
  return appScopes(settings)
    .filter(({ name }) => !reached.has(name))
    .map(({ name, scope }) => ({
      message: `Cannot reach app ${name}: no route leads to it`,
      origins: [settings.itemOrigin(scope.item)],
      hint: `try: a route with app: ${name}, or remove the app`,
    }));
}

/** Workers that are asked for and not started are worse than a start that is refused: from a variable or a flag, too. */
function shortForms(settings: Settings): readonly ConfigProblem[] {
  return APP_FIELDS.flatMap((option): readonly ConfigProblem[] => {
    const origins = option.kind === "map" ? entryOrigins(settings, option.key) : [settings.origin(option.key)];
    const given = origins.find(({ kind }) => kind !== "default");
    if (given === undefined) return [];
    return [
      {
        message: `Cannot use ${option.key}: apps is given too, one of the two is allowed`,
        origins: [given, settings.origin(apps.key)],
        hint: `try: apps.NAME.${option.key}, for the app that is meant`,
      },
    ];
  });
}

function entryOrigins(settings: Settings, mapKey: string): readonly Origin[] {
  return settings.keysUnder(`${mapKey}.`).map((key) => settings.origin(key));
}

/** `-o apps.shpo.workers.count=8`: only the file makes an app. */
function strayOverrides(settings: Settings, names: readonly string[]): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  for (const key of settings.keysUnder(`${apps.key}.`)) {
    const name = key.split(".", 2)[1] ?? "";
    if (names.includes(name)) continue;
    problems.push({
      message: `Cannot use ${key}: no app has this name, one of the configuration file is allowed`,
      origins: [settings.origin(key)],
      hint: names.length === 0 ? null : `try: ${names.join(", ")}`,
    });
  }
  return problems;
}

function withoutRoutes(settings: Settings, names: readonly string[]): readonly ConfigProblem[] {
  if (names.length < 2 || routeScopes(settings).length > 0 || !settings.areSound(routes)) return [];
  return [
    {
      message:
        "Cannot use apps: there are several and no routes, routes that say which requests are for which are allowed",
      origins: [settings.origin(apps.key)],
      hint: `try: routes: [{ path: /api/*, app: ${names[0]} }, { app: ${names[1]} }]`,
    },
  ];
}

import { DEFAULT_APP } from "../options/app-options.ts";
import { parameterNames, parsePathPattern, type PathPattern } from "../../paths/path-pattern.ts";
import { REQUEST_WORDS, TargetTemplate } from "../../paths/target-template.ts";
import { appScopes } from "../app-scopes.ts";
import type { FieldOption, Option } from "../options/option.ts";
import type { Origin } from "../origin.ts";
import type { ConfigProblem } from "../problem.ts";
import { DECISIVE, givenActions } from "../resolve/resolve-routes.ts";
import { routeActionFields as action, routeMatchFields as match } from "../options/route-options.ts";
import { routeScopes } from "../route-scopes.ts";
import type { Settings } from "../settings.ts";
import type { SettingsScope } from "../settings-scope.ts";
import { nearest } from "../nearest.ts";

/** What a route has to be by itself: one action, an app that is there, targets that name what there is. */
export function checkRoutes(settings: Settings): readonly ConfigProblem[] {
  const apps = appScopes(settings).map(({ name }) => name);
  return routeScopes(settings).flatMap((route) => new RouteCheck(settings, route).problemsWith(apps));
}

/** The pattern of a route whose path was accepted. */
export function patternOf(route: SettingsScope): PathPattern {
  const pattern = parsePathPattern(route.value(match.path));
  return typeof pattern === "string" ? { segments: [], rest: "" } : pattern;
}

class RouteCheck {
  readonly #settings: Settings;
  readonly #route: SettingsScope;
  readonly #problems: ConfigProblem[] = [];

  constructor(settings: Settings, route: SettingsScope) {
    this.#settings = settings;
    this.#route = route;
  }

  problemsWith(apps: readonly string[]): readonly ConfigProblem[] {
    this.#actions();
    this.#app(apps);
    this.#template(action.redirectTo);
    this.#template(action.rewrite);
    return this.#problems;
  }

  #actions(): void {
    const route = this.#route;
    const actions = givenActions(route);
    if (actions.length > 1) {
      const places = DECISIVE.map((option) => route.origin(option));
      this.#refuse(`it has ${actions.join(" and ")}, one of them is allowed`, places);
    }
    if (actions.length > 0 || route.value(action.rewrite) !== null) return;
    const hint = this.#incompleteAction();
    this.#refuse("it leads nowhere, one of app, static, redirect, rewrite, respond, proxy is allowed", [], hint);
  }

  /** An action whose decisive key is missing. */
  #incompleteAction(): string {
    const given = this.#settings.keysUnder(`${this.#route.item}.`);
    if (given.some((key) => key.startsWith(`${this.#route.item}.redirect.`))) return "try: redirect: { to: … }";
    if (given.some((key) => key.startsWith(`${this.#route.item}.respond.`))) return "try: respond: { status: 200, … }";
    if (given.some((key) => key.startsWith(`${this.#route.item}.static.`))) return "try: static: { root: … }";
    if (given.some((key) => key.startsWith(`${this.#route.item}.proxy.`))) return "try: proxy: { to: http://… }";
    return "try: app: default";
  }

  #app(apps: readonly string[]): void {
    const name = this.#route.value(action.app);
    if (name === null || apps.includes(name)) return;
    const near = nearest(name, apps);
    const allowed = apps.length === 0 ? DEFAULT_APP : apps.join(", ");
    this.#problems.push({
      message: `Cannot use ${this.#route.keyOf(action.app)}: no app is named ${name}, one of ${allowed} is allowed`,
      origins: [this.#route.origin(action.app)],
      hint: near === null ? null : `did you mean ${near}?`,
    });
  }

  #template(option: Option<string | null> & FieldOption): void {
    const text = this.#route.value(option);
    if (text === null) return;
    const names = parameterNames(patternOf(this.#route));
    for (const name of new TargetTemplate(text).names) {
      if (names.includes(name) || (REQUEST_WORDS as readonly string[]).includes(name)) continue;
      const near = nearest(name, names);
      this.#problems.push({
        message: `Cannot use ${this.#route.keyOf(option)}: path has no parameter named ${name}, ${[...names, ...REQUEST_WORDS].join(", ")} are allowed`,
        origins: [this.#route.origin(option)],
        hint: near === null ? null : `did you mean {${near}}?`,
      });
    }
  }

  #refuse(state: string, places: readonly Origin[], hint: string | null = null): void {
    const given = places.filter(({ kind }) => kind !== "default");
    const origins = given.length > 0 ? given : [this.#settings.itemOrigin(this.#route.item)];
    this.#problems.push({ message: `Cannot use ${this.#route.item}: ${state}`, origins, hint });
  }
}

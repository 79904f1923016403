import { isIP } from "node:net";

import type { Option } from "../options/option.ts";
import { renderOrigin } from "../origin.ts";
import type { RouteActionConfig, RouteConfig } from "../route-config.ts";
import { routeActionFields as action, routeMatchFields as match } from "../options/route-options.ts";
import { resolveCompression } from "./resolve-compression.ts";
import { resolveStatic } from "./resolve-static.ts";
import { resolveRoutePolicies } from "./resolve-route-policies.ts";
import { routeTimeout, routeUploads, streamRequest } from "../options/route-policy-options.ts";
import { routeScopes } from "../route-scopes.ts";
import type { Settings } from "../settings.ts";
import type { SettingsScope } from "../settings-scope.ts";
import { staticFields } from "../options/static-options.ts";

/** The routes of settings that passed every check. */
export function resolveRoutes(settings: Settings): readonly RouteConfig[] {
  return routeScopes(settings).map((scope) => ({
    name: scope.value(match.name) ?? scope.value(match.path),
    place: renderOrigin(settings.itemOrigin(scope.item)),
    match: {
      hosts: scope.value(match.host).map(asRequested),
      methods: [...scope.value(match.method)],
      path: scope.value(match.path),
      query: scope.entries(match.query),
      headers: lowerCaseNames(scope.entries(match.header)),
    },
    rewrite: scope.value(action.rewrite),
    compression: resolveCompression(scope),
    action: resolveAction(scope),
    policies: resolveRoutePolicies(scope),
  }));
}

/** The options that make an action what it is. */
export const DECISIVE: readonly Option<unknown>[] = [
  action.app,
  action.redirectTo,
  staticFields.root,
  action.proxyTo,
  action.respondStatus,
];

/** Which actions a route asks for, by the key that says so; one of them in a sound configuration. */
export function givenActions(scope: SettingsScope): readonly string[] {
  const given = DECISIVE.filter((option) => scope.value(option) !== null);
  return given.map(({ key }) => key.split(".", 1)[0] ?? key);
}

function resolveAction(scope: SettingsScope): RouteActionConfig {
  const app = scope.value(action.app);
  if (app !== null) {
    return {
      kind: "app",
      app,
      streamsRequests: choiceOf(scope.value(streamRequest)),
      parsesForms: choiceOf(scope.value(routeUploads)),
      timeoutMs: scope.value(routeTimeout),
    };
  }
  const to = scope.value(action.redirectTo);
  if (to !== null) return { kind: "redirect", status: scope.value(action.redirectStatus), to };
  const files = resolveStatic(scope);
  if (files !== null) return { kind: "static", files };
  const address = scope.value(action.proxyTo);
  if (address !== null) {
    return {
      kind: "proxy",
      address,
      connectTimeoutMs: scope.value(action.proxyConnectTimeout),
      timeoutMs: scope.value(action.proxyTimeout),
      keepAliveMs: scope.value(action.proxyKeepAlive),
      socketSilenceMs: scope.value(action.proxySocketTimeout),
    };
  }
  const status = scope.value(action.respondStatus);
  if (status === null) return { kind: "reroute" };
  return {
    kind: "respond",
    status,
    headers: scope.entries(action.respondHeaders),
    body: scope.value(action.respondBody),
  };
}

/** What a route says itself; null where it leaves that to its app. */
function choiceOf(value: "default" | "true" | "false"): boolean | null {
  return value === "default" ? null : value === "true";
}

/** As it stands in requests: an IPv6 address in brackets (RFC 3986 §3.2.2). */
export function asRequested(host: string): string {
  return isIP(host) === 6 ? `[${host.toLowerCase()}]` : host.toLowerCase();
}

/** Fields by their names in lower case, as requests are compared. */
export function lowerCaseNames(fields: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name.toLowerCase(), value]));
}

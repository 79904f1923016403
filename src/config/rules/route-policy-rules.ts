import { routeActionFields } from "../options/route-options.ts";
import type { Option, OptionMap } from "../options/option.ts";
import type { ConfigProblem } from "../problem.ts";
import * as policy from "../options/route-policy-options.ts";
import { routeScopes } from "../route-scopes.ts";
import { maxBodySize } from "../options/server-options.ts";
import type { Settings } from "../settings.ts";
import { SettingsScope } from "../settings-scope.ts";

type Given = Option<unknown> | OptionMap;

interface Rule {
  /** What is to blame when it is given. */
  readonly subject: Given;
  readonly isBroken: (route: SettingsScope, server: SettingsScope) => boolean;
  /** `<state>, <what is allowed> is allowed`. */
  readonly state: (server: SettingsScope) => string;
}

/** What the policies of a route have to be to one another: half of one would look as if it were there. */
export function checkRoutePolicies(settings: Settings): readonly ConfigProblem[] {
  const server = new SettingsScope(settings);
  return routeScopes(settings).flatMap((route) =>
    RULES.filter((rule) => isGiven(settings, route, rule.subject) && rule.isBroken(route, server)).map((rule) => ({
      message: `Cannot use ${route.keyOf(rule.subject)}: ${rule.state(server)}`,
      origins: [originOf(settings, route, rule.subject)],
      hint: null,
    })),
  );
}

const CORS_DETAILS: readonly Given[] = [
  policy.corsMethods,
  policy.corsHeaders,
  policy.corsExposed,
  policy.corsCredentials,
  policy.corsMaxAge,
];
const RATE_DETAILS: readonly Given[] = [policy.ratePeriod, policy.rateBurst];

const WORKER_OPTIONS: readonly Given[] = [policy.routeTimeout, policy.streamRequest, policy.routeUploads];

const RULES: readonly Rule[] = [
  {
    subject: policy.bodySize,
    isBroken: (route, server) => (route.value(policy.bodySize) ?? 0) > server.value(maxBodySize),
    state: (server) => `server.max_body_size is ${server.show(maxBodySize)}, no more than that is allowed`,
  },
  ...WORKER_OPTIONS.map((subject): Rule => ({
    subject,
    isBroken: (route) => route.value(routeActionFields.app) === null,
    state: () => "no app answers, which alone has workers, a route with app is allowed",
  })),
  {
    subject: policy.corsCredentials,
    isBroken: (route) => route.value(policy.corsCredentials) && route.value(policy.corsOrigins).includes("*"),
    state: () => "cors.origins is *, origins by name are allowed",
  },
  ...CORS_DETAILS.map((subject): Rule => ({
    subject,
    isBroken: (route) => route.value(policy.corsOrigins).length === 0,
    state: () => "cors.origins is not given, with at least one of them it is allowed",
  })),
  {
    subject: policy.authRealm,
    isBroken: (route) => Object.keys(route.entries(policy.authUsers)).length === 0,
    state: () => "auth.users is not given and everybody would pass, with at least one of them it is allowed",
  },
  ...RATE_DETAILS.map((subject): Rule => ({
    subject,
    isBroken: (route) => route.value(policy.rateRequests) === null,
    state: () => "rate_limit.requests is not given, the two together are allowed",
  })),
  {
    subject: policy.errorPage,
    isBroken: (route) => !route.value(policy.errorFormats),
    state: () => "error_pages.enabled is false, with true it is allowed",
  },
];

function isGiven(settings: Settings, route: SettingsScope, option: Given): boolean {
  return originOf(settings, route, option).kind !== "default";
}

function originOf(settings: Settings, route: SettingsScope, option: Given): ReturnType<Settings["origin"]> {
  return settings.origin(route.keyOf(option));
}

import type { Option, OptionMap } from "../options/option.ts";
import type { FieldRulesConfig, RoutePoliciesConfig } from "../route-policy-config.ts";
import * as policy from "../options/route-policy-options.ts";
import type { SettingsScope } from "../settings-scope.ts";

/** What holds for the requests of a route beside its action. */
export function resolveRoutePolicies(scope: SettingsScope): RoutePoliciesConfig {
  return {
    bodyBytesMax: scope.value(policy.bodySize),
    requestFields: fieldRules(scope, policy.requestRemove, policy.requestSet, policy.requestAdd),
    responseFields: fieldRules(scope, policy.responseRemove, policy.responseSet, policy.responseAdd),
    securityHeaders: scope.value(policy.securityHeaders),
    requestId: scope.value(policy.requestId),
    cors: resolveCors(scope),
    basicAuth: resolveAuth(scope),
    rateLimit: resolveRateLimit(scope),
    maintenance: resolveMaintenance(scope),
    errorPages: scope.value(policy.errorFormats) ? { html: scope.value(policy.errorPage) } : null,
  };
}

function fieldRules(
  scope: SettingsScope,
  remove: Option<readonly string[]>,
  set: OptionMap,
  add: OptionMap,
): FieldRulesConfig | null {
  const rules = { remove: [...scope.value(remove)], set: scope.entries(set), add: scope.entries(add) };
  const isEmpty = [rules.remove, Object.keys(rules.set), Object.keys(rules.add)].every((each) => each.length === 0);
  return isEmpty ? null : rules;
}

function resolveCors(scope: SettingsScope): RoutePoliciesConfig["cors"] {
  const origins = scope.value(policy.corsOrigins);
  if (origins.length === 0) return null;
  return {
    origins: origins.map((origin) => origin.toLowerCase()),
    methods: [...scope.value(policy.corsMethods)],
    headers: [...scope.value(policy.corsHeaders)],
    exposed: [...scope.value(policy.corsExposed)],
    allowsCredentials: scope.value(policy.corsCredentials),
    maxAgeS: Math.floor(scope.value(policy.corsMaxAge) / 1_000),
  };
}

function resolveAuth(scope: SettingsScope): RoutePoliciesConfig["basicAuth"] {
  const users = scope.entries(policy.authUsers);
  return Object.keys(users).length === 0 ? null : { realm: scope.value(policy.authRealm), users };
}

function resolveRateLimit(scope: SettingsScope): RoutePoliciesConfig["rateLimit"] {
  const requestCount = scope.value(policy.rateRequests);
  if (requestCount === null) return null;
  const burstCount = scope.value(policy.rateBurst) ?? requestCount;
  return { requestCount, periodMs: scope.value(policy.ratePeriod), burstCount };
}

function resolveMaintenance(scope: SettingsScope): RoutePoliciesConfig["maintenance"] {
  if (!scope.value(policy.maintenance)) return null;
  const retryAfterS = Math.ceil(scope.value(policy.maintenanceRetryAfter) / 1_000);
  return { retryAfterS, allowed: [...scope.value(policy.maintenanceAllow)] };
}

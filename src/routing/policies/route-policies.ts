import type { RoutePoliciesConfig } from "../../config/route-policy-config.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { basicAuth } from "./basic-auth.ts";
import { bodyLimit } from "./body-limit.ts";
import { crossOrigin } from "./cors.ts";
import { errorPages } from "./error-pages.ts";
import { requestFieldRules, responseFieldRules, securityFields } from "./header-rules.ts";
import { maintenance } from "./maintenance.ts";
import type { Policy } from "./policy.ts";
import { rateLimit } from "./rate-limit.ts";
import { requestIds } from "./request-id.ts";

/**
 * The policies of a route that are given, in the order in which requests meet them: first those that only change answers, so that every
 * refusal behind them has them, too, and scripts of other origins can read it; the cheap refusals before the expensive ones; and what the app alone is to see at the end.
 */
export function policiesOf(config: RoutePoliciesConfig, log: Logger): readonly Policy[] {
  const { bodyBytesMax, requestFields, responseFields, cors, errorPages: pages } = config;
  return [
    pages === null ? null : errorPages(pages),
    responseFields === null ? null : responseFieldRules(responseFields),
    config.securityHeaders ? securityFields() : null,
    config.requestId ? requestIds() : null,
    cors === null ? null : crossOrigin(cors),
    config.maintenance === null ? null : maintenance(config.maintenance),
    config.rateLimit === null ? null : rateLimit(config.rateLimit),
    bodyBytesMax === null ? null : bodyLimit(bodyBytesMax),
    config.basicAuth === null ? null : basicAuth(config.basicAuth, log),
    requestFields === null ? null : requestFieldRules(requestFields),
  ].filter((policy) => policy !== null);
}

import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, TIB } from "../types/bounds.ts";
import type { Option, OptionMap } from "./option.ts";
import { networkListType } from "../types/listener-types.ts";
import { boolean, choice, integer, text } from "../types/option-type.ts";
import { byteSize, duration } from "../types/quantity.ts";
import {
  fieldNameListType,
  originListType,
  passwordHashType,
  ruleFieldName,
  tokenListType,
} from "../types/route-policy-types.ts";
import { methodListType } from "../types/route-types.ts";

/** A field of a route: only the file gives it. */
function field<Value>(option: Omit<Option<Value>, "replaces" | "kind">): Option<Value> {
  return { kind: "value", replaces: "front", ...option };
}

function fieldRules(key: string, summary: string): OptionMap {
  return {
    kind: "map",
    key,
    entryName: ruleFieldName,
    entryType: text({ pattern: /^[\t\x20-\x7e]*$/, lengthMax: 4_096, allowed: "one line of ASCII text" }),
    isSecret: false,
    summary,
    replaces: "front",
  };
}

function removedFields(key: string, summary: string): Option<readonly string[]> {
  return field<readonly string[]>({ key, type: fieldNameListType, default: [], summary });
}

export const bodySize: Option<number | null> = field<number | null>({
  key: "max_body_size",
  type: byteSize({ min: 0, max: TIB }),
  default: null,
  defaultRule: "`server.max_body_size`, which it may not exceed",
  summary: "A larger request body is answered 413, before it is read where its length is announced.",
  guards: "Disk and memory: uploads can be large where they are meant to be, and nowhere else.",
});

export const streamRequest: Option<"default" | "true" | "false"> = field<"default" | "true" | "false">({
  key: "stream_request",
  type: choice(["default", "true", "false"]),
  default: "default",
  summary:
    "Whether the app's workers get bodies of requests as they arrive; `default` is what `workers.stream_request` of the app says. A worker is held for as long as the client sends.",
});

export const routeUploads: Option<"default" | "true" | "false"> = field<"default" | "true" | "false">({
  key: "uploads",
  type: choice(["default", "true", "false"]),
  default: "default",
  summary:
    "Whether the app's workers get forms parsed and files by path; `default` is what `uploads.enabled` of the app says, whose limits hold.",
});

export const routeTimeout: Option<number | null> = field<number | null>({
  key: "timeout",
  type: duration("s", { min: 10, max: DAY_MS }),
  default: null,
  defaultRule: "`workers.timeout` of the app",
  summary:
    "How long a worker of the app may take for a request, in seconds. Later, the client gets 504 and the worker is retired.",
});

export const requestRemove: Option<readonly string[]> = removedFields(
  "request_headers.remove",
  "Header fields that the app does not get.",
);
export const requestSet: OptionMap = fieldRules(
  "request_headers.set",
  "Header fields that the app gets with these values, whatever the client sent.",
);
export const requestAdd: OptionMap = fieldRules(
  "request_headers.add",
  "Header fields that the app gets beside those of the same name that the client sent.",
);

export const responseRemove: Option<readonly string[]> = removedFields(
  "response_headers.remove",
  "Header fields that clients do not get.",
);
export const responseSet: OptionMap = fieldRules(
  "response_headers.set",
  "Header fields that every answer has with these values, errors of the engine's own included.",
);
export const responseAdd: OptionMap = fieldRules(
  "response_headers.add",
  "Header fields that every answer has beside those of the same name that the app sent.",
);

export const securityHeaders: Option<boolean> = field<boolean>({
  key: "security_headers",
  type: boolean(),
  default: false,
  summary:
    "Adds `X-Content-Type-Options: nosniff`, `X-Frame-Options: SAMEORIGIN`, `Referrer-Policy: strict-origin-when-cross-origin`, `Cross-Origin-Opener-Policy: same-origin` and, over `https`, `Strict-Transport-Security: max-age=31536000`, each where the app does not send its own.",
  guards: "Guessed types, framing by other sites, addresses that leak to them, and a first request in the clear.",
});

export const requestId: Option<boolean> = field<boolean>({
  key: "request_id",
  type: boolean(),
  default: false,
  summary:
    "Gives every request an `X-Request-Id`: the client's, where it is 1 to 128 letters, digits and `._:@+=-`, else a new one. The app gets it, and so does the client; access logs have the same.",
});

export const corsOrigins: Option<readonly string[]> = field<readonly string[]>({
  key: "cors.origins",
  type: originListType,
  default: [],
  summary:
    "The origins whose scripts may read answers (CORS); `*` is any. Preflight requests are answered by the engine. Empty switches CORS off.",
});
export const corsMethods: Option<readonly string[]> = field<readonly string[]>({
  key: "cors.methods",
  type: methodListType,
  default: ["GET", "HEAD", "POST"],
  summary: "The methods they may use.",
});
export const corsHeaders: Option<readonly string[]> = field<readonly string[]>({
  key: "cors.headers",
  type: tokenListType,
  default: [],
  summary: "The header fields they may send beyond those that are safe; `*` is whatever a preflight asks for.",
});
export const corsExposed: Option<readonly string[]> = field<readonly string[]>({
  key: "cors.expose",
  type: tokenListType,
  default: [],
  summary: "The header fields of answers that they may read beyond those that are safe.",
});
export const corsCredentials: Option<boolean> = field<boolean>({
  key: "cors.credentials",
  type: boolean(),
  default: false,
  summary: "Whether they may send cookies and credentials. Not with the origin `*`.",
  guards: "Any site acting as the user of another.",
});
export const corsMaxAge: Option<number> = field<number>({
  key: "cors.max_age",
  type: duration("s", { min: SECOND_MS, max: DAY_MS, zeroMeans: "not at all" }),
  default: 10 * MINUTE_MS,
  summary: "How long browsers may remember the answer to a preflight, in seconds.",
});

export const authUsers: OptionMap = {
  kind: "map",
  key: "auth.users",
  entryName: { pattern: /^[^\p{Cc}:]{1,128}$/u, allowed: "a name of 1 to 128 characters without colons" },
  entryType: passwordHashType,
  isSecret: true,
  summary:
    'Who may pass, by name, with the hash of the password (basic authentication): `node_modules/.bin/bun -p \'await Bun.password.hash("the password", "bcrypt")\'` prints one, and so does `htpasswd -nB NAME`. Values are not shown by `config show`. The app gets the `Authorization` field, too.',
  guards:
    "A configuration file that leaks shows no password. Names that are not there take as long as wrong passwords.",
  replaces: "front",
};
export const authRealm: Option<string> = field<string>({
  key: "auth.realm",
  type: text({ pattern: /^[\x20\x21\x23-\x5b\x5d-\x7e]{1,128}$/, allowed: "1 to 128 ASCII characters without quotes" }),
  default: "restricted",
  summary: "What browsers show when they ask for name and password.",
});

export const rateRequests: Option<number | null> = field<number | null>({
  key: "rate_limit.requests",
  type: integer({ min: 1, max: 1_000_000 }),
  default: null,
  defaultRule: "none: no limit",
  summary:
    "Requests that one client may make in `rate_limit.per`, refilled evenly; more are answered 429 with `Retry-After`. A client is an IPv4 address, or the first 64 bits of an IPv6 address. Answers have `RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset`. Each front counts for itself.",
  guards: "One client that takes the workers of all: guessing of passwords, crawlers, broken loops.",
});
export const ratePeriod: Option<number> = field<number>({
  key: "rate_limit.per",
  type: duration("s", { min: 100, max: HOUR_MS }),
  default: SECOND_MS,
  summary: "The time in which `rate_limit.requests` are refilled, in seconds.",
});
export const rateBurst: Option<number | null> = field<number | null>({
  key: "rate_limit.burst",
  type: integer({ min: 1, max: 1_000_000 }),
  default: null,
  defaultRule: "as `rate_limit.requests`",
  summary: "Requests that one client may make at once when it has made none for a while.",
});

export const maintenance: Option<boolean> = field<boolean>({
  key: "maintenance.enabled",
  type: boolean(),
  default: false,
  summary: "Answers requests 503 with `Retry-After`. Switched by a reload.",
});
export const maintenanceRetryAfter: Option<number> = field<number>({
  key: "maintenance.retry_after",
  type: duration("s", { min: SECOND_MS, max: 30 * DAY_MS }),
  default: MINUTE_MS,
  summary: "What clients are told to wait, in seconds.",
});
export const maintenanceAllow: Option<readonly string[]> = field<readonly string[]>({
  key: "maintenance.allow",
  type: networkListType,
  default: [],
  summary:
    "Who is served all the same, to look at what is being changed: networks, addresses, or `unix`. Behind a proxy, name that in `server.trusted_proxies`.",
});

export const errorFormats: Option<boolean> = field<boolean>({
  key: "error_pages.enabled",
  type: boolean(),
  default: false,
  summary:
    "Whether errors of the engine's own are pages: HTML for clients that accept it, `application/problem+json` (RFC 9457) for those that prefer JSON, plain text for the others. What apps answer stays as it is.",
});
export const errorPage: Option<string | null> = field<string | null>({
  key: "error_pages.html",
  type: text({ pattern: /^[^\0]*$/, lengthMax: 65_536, allowed: "HTML of up to 65536 characters" }),
  default: null,
  defaultRule: "a page of the engine's",
  summary: "The page, with `{status}`, `{reason}` and `{error_id}` for what is to stand there.",
});

/** Options that belong to one route, in the order of the reference page. */
export const routePolicyFields: readonly (Option<unknown> | OptionMap)[] = [
  bodySize,
  streamRequest,
  routeUploads,
  routeTimeout,
  requestRemove,
  requestSet,
  requestAdd,
  responseRemove,
  responseSet,
  responseAdd,
  securityHeaders,
  requestId,
  corsOrigins,
  corsMethods,
  corsHeaders,
  corsExposed,
  corsCredentials,
  corsMaxAge,
  authUsers,
  authRealm,
  rateRequests,
  ratePeriod,
  rateBurst,
  maintenance,
  maintenanceRetryAfter,
  maintenanceAllow,
  errorFormats,
  errorPage,
];

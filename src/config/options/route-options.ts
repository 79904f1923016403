import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../types/bounds.ts";
import { duration } from "../types/quantity.ts";
import type { FieldOption, Option, OptionList, OptionMap } from "./option.ts";
import { routePolicyFields } from "./route-policy-options.ts";
import { choice, integer, text } from "../types/option-type.ts";
import { compressionFields } from "./compression-options.ts";
import { staticFields } from "./static-options.ts";
import {
  hostPatternListType,
  methodListType,
  pathPatternType,
  pathTargetType,
  redirectStatusType,
  redirectTargetType,
  upstreamType,
} from "../types/route-types.ts";

/** A field of a route: only the file gives it. */
function field<Value>(option: Omit<Option<Value>, "replaces" | "kind">): Option<Value> {
  return { kind: "value", replaces: "front", ...option };
}

function texts(option: Omit<OptionMap, "replaces" | "kind" | "isSecret">): OptionMap {
  return { kind: "map", replaces: "front", isSecret: false, ...option };
}

const FIELD_NAME = {
  pattern: /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/,
  allowed: "the name of a header field",
} as const;

const FIELD_VALUE = text({ pattern: /^[\t\x20-\x7e]*$/, lengthMax: 4_096, allowed: "one line of ASCII text" });

/** What a route is for. A request has to be all of it. */
export interface RouteMatchFields {
  readonly name: Option<string | null>;
  readonly host: Option<readonly string[]>;
  readonly method: Option<readonly string[]>;
  readonly path: Option<string>;
  readonly query: OptionMap;
  readonly header: OptionMap;
}

export const routeMatchFields: RouteMatchFields = {
  name: field<string | null>({
    key: "name",
    type: text({ pattern: /^[\x21-\x7e]{1,128}$/, allowed: "a name of 1 to 128 ASCII characters without spaces" }),
    default: null,
    defaultRule: "its path",
    summary: "What logs, metrics and the app call the route.",
  }),
  host: field<readonly string[]>({
    key: "host",
    type: hostPatternListType,
    default: [],
    summary:
      "The hosts it is for, letter case and port aside; `*.example.org` is every name below `example.org`, however deep. Empty is any host.",
  }),
  method: field<readonly string[]>({
    key: "method",
    type: methodListType,
    default: [],
    summary: "The methods it is for; `GET` takes `HEAD`, too. Empty is any method.",
  }),
  path: field<string>({
    key: "path",
    type: pathPatternType,
    default: "/*",
    summary:
      "The path it is for: exact (`/about`), with parameters for whole segments (`/users/{id}`, `/users/{id:int}` for digits), or everything from a place on (`/api/*`, `/files/{rest:path}` where the rest is wanted), which takes `/api` and `/api/`, too. The query is no part of it.",
  }),
  query: texts({
    key: "query",
    entryName: { pattern: /^[^\0&=#+%\s]{1,128}$/, allowed: "the name of a query parameter, decoded" },
    entryType: text({ pattern: /^[^\0]*$/, lengthMax: 1_024, allowed: "text" }),
    summary: "Parameters that the query has to have, by name, with the text each of them has to be; `*` is any text.",
  }),
  header: texts({
    key: "header",
    entryName: FIELD_NAME,
    entryType: FIELD_VALUE,
    summary:
      "Header fields that the request has to have, by name, with the text each of them has to be; `*` is any text.",
  }),
};

/** What a route does. One of them has to be given; `rewrite` may stand beside another. */
export interface RouteActionFields {
  readonly app: Option<string | null>;
  readonly redirectTo: Option<string | null>;
  readonly redirectStatus: Option<number>;
  readonly rewrite: Option<string | null>;
  readonly proxyTo: Option<string | null>;
  readonly proxyConnectTimeout: Option<number>;
  readonly proxyTimeout: Option<number>;
  readonly proxyKeepAlive: Option<number>;
  readonly proxySocketTimeout: Option<number>;
  readonly respondStatus: Option<number | null>;
  readonly respondHeaders: OptionMap;
  readonly respondBody: Option<string>;
}

export const routeActionFields: RouteActionFields = {
  app: field<string | null>({
    key: "app",
    type: text({ pattern: /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/, allowed: "the name of an app" }),
    default: null,
    defaultRule: "none",
    summary:
      "The app that answers: one of `apps`, or `default` where `runtime`, `workers` and `php` describe the only one.",
  }),
  redirectTo: field<string | null>({
    key: "redirect.to",
    type: redirectTargetType,
    default: null,
    defaultRule: "none",
    summary:
      "Where clients are sent: `/new/{id}`, `https://{host}{path}`. `{NAME}` is a parameter of `path`, percent-encoded; `{scheme}`, `{host}`, `{path}` and `{query}` are those of the request. The query goes along unless the target has one of its own.",
    guards:
      "A parameter fills its place and nothing beyond: no request can choose the host of a target that names one.",
  }),
  redirectStatus: field<number>({
    key: "redirect.status",
    type: redirectStatusType,
    default: 308,
    summary:
      "`308` and `301` are for good, `307` and `302` for now; `308` and `307` keep method and body. `303` sends to a page to `GET`.",
  }),
  rewrite: field<string | null>({
    key: "rewrite",
    type: pathTargetType,
    default: null,
    defaultRule: "none",
    summary:
      "The path that the request is taken to have asked for, in the form of `redirect.to`. Alone, the routes are asked again with it; beside another action, that one sees it.",
    guards: "Rewrites that go round in circles: a request is answered 500 after 10 of them.",
  }),
  proxyTo: field<string | null>({
    key: "proxy.to",
    type: upstreamType,
    default: null,
    defaultRule: "none",
    summary:
      "An upstream that gets the request over HTTP/1.1 in the clear, and whose answer is passed on; bodies stream both ways, each as fast as the slower side. `Host` stays the client's; `X-Forwarded-For`, `X-Forwarded-Proto` and `X-Forwarded-Host` are set anew. WebSockets are passed on as they are.",
    guards: "What a client claims in `X-Forwarded-*` and `Forwarded`: the upstream gets what the engine has found.",
  }),
  proxyConnectTimeout: field<number>({
    key: "proxy.connect_timeout",
    type: duration("s", { min: 10, max: HOUR_MS }),
    default: 5 * SECOND_MS,
    summary: "How long connecting to the upstream may take, in seconds; later is 504.",
  }),
  proxyTimeout: field<number>({
    key: "proxy.timeout",
    type: duration("s", { min: 10, max: DAY_MS }),
    default: MINUTE_MS,
    summary:
      "How long the upstream may stay silent, in seconds, while the client takes what there is: then it is 504, or an answer that has begun is cut.",
  }),
  proxyKeepAlive: field<number>({
    key: "proxy.keep_alive",
    type: duration("s", { zeroMeans: "a connection each", min: 10, max: HOUR_MS }),
    default: 4 * SECOND_MS,
    summary:
      "How long a connection to the upstream waits for its next request, in seconds, or as long as the upstream says where that is shorter; 64 of them are kept for a route. Requests with a body, and those that may not run twice, always get a connection of their own.",
  }),
  proxySocketTimeout: field<number>({
    key: "proxy.websocket_timeout",
    type: duration("s", { min: 10, max: 7 * DAY_MS }),
    default: HOUR_MS,
    summary:
      "How long neither side of a WebSocket that an upstream holds may send anything, in seconds; then both connections are closed.",
    guards: "Sockets whose clients are gone without a word.",
  }),
  respondStatus: field<number | null>({
    key: "respond.status",
    type: integer({ min: 200, max: 599 }),
    default: null,
    defaultRule: "none, it has to be given for `respond`",
    summary: "The status of a fixed answer.",
  }),
  respondHeaders: texts({
    key: "respond.headers",
    entryName: FIELD_NAME,
    entryType: FIELD_VALUE,
    summary: "Its header fields. Without a `Content-Type`, a body is `text/plain; charset=utf-8`.",
  }),
  respondBody: field<string>({
    key: "respond.body",
    type: text({ pattern: /^[^\0]*$/, lengthMax: 65_536, allowed: "text of up to 65536 characters" }),
    default: "",
    summary: "Its body, sent as UTF-8.",
  }),
};

export const encodedSlashes: Option<"refuse" | "keep"> = {
  kind: "value",
  key: "server.encoded_slashes",
  type: choice(["refuse", "keep"]),
  default: "refuse",
  summary:
    "What becomes of requests with `%2F` or `%5C` in their paths, where `routes` are given: `refuse` answers 400, `keep` takes them for a part of a segment, never for what separates two.",
  guards:
    "Requests such as `/public%2F..%2Fadmin` that a route and the app behind it take for different paths. Keep them where identifiers have slashes in them, and the app does not decode before it splits.",
  replaces: "front",
};

export const routes: OptionList = {
  kind: "list",
  key: "routes",
  fields: [
    ...[routeMatchFields, routeActionFields, staticFields, compressionFields].flatMap(
      (fields) => Object.values(fields) as FieldOption[],
    ),
    ...routePolicyFields,
  ],
  itemCountMax: 2_000,
  summary:
    "Which requests are for whom. The most specific route that takes a request has it, wherever it stands: by host (exact, then the longest `*.`, then any), then by path (segment for segment, a text before `{name:int}` before `{name}` before the rest), then by how many other conditions it has, then by order. Without routes every request is for the only app.",
  replaces: "front",
};

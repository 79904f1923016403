import type { CompressionConfig } from "./compression-config.ts";
import type { StaticConfig } from "./static-config.ts";
import type { RoutePoliciesConfig } from "./route-policy-config.ts";

/** Which requests are for whom: one item of `routes`. Patterns are texts that `parsePathPattern` takes. */
export interface RouteConfig {
  /** What logs, metrics and the app call it. */
  readonly name: string;
  /** `vilya.yaml:12:5`, for messages. */
  readonly place: string;
  readonly match: RouteMatchConfig;
  /** The path, and perhaps the query, that the action sees in the place of the request's own; a template. */
  readonly rewrite: string | null;
  /** Of what the action answers; null leaves it to the app. */
  readonly compression: CompressionConfig | null;
  readonly action: RouteActionConfig;
  readonly policies: RoutePoliciesConfig;
}

/** What a request has to be for a route to take it. */
export interface RouteMatchConfig {
  /** In lower case; `*.example.org` is every name below. Empty is any. */
  readonly hosts: readonly string[];
  /** Empty is any; `GET` takes `HEAD`, too. */
  readonly methods: readonly string[];
  readonly path: string;
  /** By name; `*` is any text. */
  readonly query: Readonly<Record<string, string>>;
  /** By name in lower case; `*` is any text. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What answers the requests of a route. */
export type RouteActionConfig =
  | {
      readonly kind: "app";
      readonly app: string;
      /** Whether its workers get bodies as they arrive; null is what the app says. */
      readonly streamsRequests: boolean | null;
      /** Whether its workers get forms parsed; null is what the app says. */
      readonly parsesForms: boolean | null;
      /** For one request; null is what the app says. */
      readonly timeoutMs: number | null;
    }
  | { readonly kind: "redirect"; readonly status: number; readonly to: string }
  | {
      readonly kind: "proxy";
      /** `host:port` or `unix:path`, as `parseSocketAddress` reads it. */
      readonly address: string;
      readonly connectTimeoutMs: number;
      /** Between two signs of life of the upstream. */
      readonly timeoutMs: number;
      /** How long a connection waits for its next request; 0 for a connection each. */
      readonly keepAliveMs: number;
      /** How long neither side of a WebSocket may send anything. */
      readonly socketSilenceMs: number;
    }
  /** The routes are asked again, with the rewritten path. */
  | { readonly kind: "reroute" }
  | { readonly kind: "static"; readonly files: StaticConfig }
  | {
      readonly kind: "respond";
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
    };

import { assert } from "../../base/assert.ts";
import type { RouteActionConfig, RouteConfig } from "../../config/route-config.ts";
import type { HttpLimitsConfig } from "../../config/server-config.ts";
import type { Dispatch } from "../../http/exchange.ts";
import { compressAnswer } from "../../http/compression/compress-dispatch.ts";
import { Compression } from "../../http/compression/compression.ts";
import { serveStatic } from "../../http/static/static-dispatch.ts";
import { StaticSite } from "../../http/static/static-site.ts";
import { createFixedAnswer } from "../../routing/fixed-answer.ts";
import { UpstreamConnections } from "../../clients/http/upstream-connections.ts";
import type { ProxyContext } from "../../routing/proxy/proxy-call.ts";
import { createProxy } from "../../routing/proxy/proxy-target.ts";
import type { ProxyTunnels } from "../../routing/proxy/proxy-tunnel.ts";
import { createRedirect } from "../../routing/redirect-target.ts";
import type { RouteActions, RouteTarget } from "../../routing/route-target.ts";
import { parseSocketAddress } from "../../kernel/socket-address.ts";
import type { TimerWheel } from "../../kernel/timer-wheel.ts";
import type { Logger } from "../../telemetry/logger.ts";

/** How a route's requests differ from the app's other ones; null is what the app says. */
export type AppRoute = Pick<
  Extract<RouteActionConfig, { kind: "app" }>,
  "streamsRequests" | "parsesForms" | "timeoutMs"
>;

/** A route that leaves everything to the app. */
export const PLAIN_APP_ROUTE: AppRoute = { streamsRequests: null, parsesForms: null, timeoutMs: null };

/** Leads to an app. */
export type OpenApp = (route: AppRoute) => Dispatch;

/** What actions share. */
export interface RouteActionsOptions {
  /** Of what upstreams answer; the same as of what clients send. */
  readonly limits: HttpLimitsConfig;
  /** Where the WebSockets are that upstreams hold. */
  readonly tunnels: ProxyTunnels;
  readonly wheel: TimerWheel;
  readonly log: Logger;
}

/** Every action that a route may have, built on the apps by their names. */
export function createRouteActions(
  apps: ReadonlyMap<string, OpenApp>,
  { limits, tunnels, wheel, log }: RouteActionsOptions,
): RouteActions {
  return {
    app: ({ app, ...own }, route) => {
      const open = apps.get(app);
      assert(open !== undefined, "the configuration has checked its routes' apps");
      return compressed(route, open(own));
    },
    static: ({ files }, route) => compressed(route, serveStatic(new StaticSite(files, log), null)),
    redirect: createRedirect,
    proxy: ({ address: text, connectTimeoutMs, timeoutMs, keepAliveMs: idleMs, socketSilenceMs }, route) => {
      const address = parseSocketAddress(text);
      assert(address !== null, "the configuration has checked its routes' upstreams");
      const connections = new UpstreamConnections({ address, connectTimeoutMs, stallMs: timeoutMs, idleMs, wheel });
      const own = log.child({ route: route.name, upstream: text });
      const context: ProxyContext = { connections, timeoutMs, socketSilenceMs, tunnels, limits, log: own };
      return compressed(route, createProxy(context));
    },
    respond: (answer, route) => compressed(route, createFixedAnswer(answer)),
  };
}

function compressed({ compression: config }: RouteConfig, target: RouteTarget): RouteTarget {
  if (config === null) return target;
  const compression = new Compression(config);
  return (exchange, match) => {
    compressAnswer(exchange, compression);
    return target(exchange, match);
  };
}

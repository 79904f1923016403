import type { AppConfig } from "../../config/app-config.ts";
import type { Config } from "../../config/config.ts";
import type { Dispatch } from "../../http/exchange.ts";
import { compressAnswers } from "../../http/compression/compress-dispatch.ts";
import { Compression } from "../../http/compression/compression.ts";
import { FileOffload } from "../../http/static/file-offload.ts";
import { serveStatic } from "../../http/static/static-dispatch.ts";
import { StaticSite } from "../../http/static/static-site.ts";
import { Router } from "../../routing/router.ts";
import type { TimerWheel } from "../../kernel/timer-wheel.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { WorkerPool } from "../../workers/pool.ts";
import { AppCall, type AppContext } from "./app-call.ts";
import { BodyOwner } from "./body-owner.ts";
import type { FrontSockets } from "../front/front-sockets.ts";
import { onlyApp } from "./only-app.ts";
import { createRouteActions, type OpenApp, PLAIN_APP_ROUTE } from "./route-actions.ts";
import { SessionOpening } from "../sockets/session-opening.ts";
import { opensSocket, SocketOpening } from "../sockets/socket-opening.ts";
import { StubHandler } from "./stub-handler.ts";

export interface AppDispatchOptions {
  readonly config: Config;
  /** Of all apps that have workers. */
  readonly pools: readonly WorkerPool[];
  readonly sockets: FrontSockets;
  readonly log: Logger;
  readonly runtimeVersion: string;
  /** For the deadlines of upstreams. */
  readonly wheel: TimerWheel;
  /** Where bodies are that workers read as files; null where there is none. */
  readonly bodyDirectory: string | null;
}

/** Decides who answers what is not about the engine itself. An app that is there for everything is asked directly, without a router. */
export function createAppDispatch({
  config,
  pools,
  sockets,
  log,
  runtimeVersion,
  wheel,
  bodyDirectory,
}: AppDispatchOptions): Dispatch {
  const apps = new Map<string, OpenApp>();
  for (const app of config.apps) {
    const pool = pools.find(({ appName }) => appName === app.name) ?? null;
    const open = opening(app, pool, { sockets, runtimeVersion, log, bodyDirectory });
    const site = app.static === null ? null : new StaticSite(app.static, log);
    const compression = app.compression === null ? null : new Compression(app.compression);
    apps.set(app.name, (route) => {
      const dispatch = site === null ? open(route) : serveStatic(site, open(route));
      return compression === null ? dispatch : compressAnswers(dispatch, compression);
    });
  }
  const only = apps.get(onlyApp(config) ?? "")?.(PLAIN_APP_ROUTE);
  if (only !== undefined) return only;
  const { encodedSlashes } = config.server;
  const router = new Router({
    routes: config.routes,
    actions: createRouteActions(apps, { limits: config.server.limits, tunnels: sockets.tunnels, wheel, log }),
    encodedSlashes,
    log,
  });
  return (exchange) => router.dispatch(exchange);
}

type OpeningOptions = Pick<AppDispatchOptions, "sockets" | "runtimeVersion" | "log" | "bodyDirectory">;

/** @param pool `null` where the app has no workers. */
function opening(
  { name, sendfile, uploads: forms, pool: { requestTimeoutMs: timeoutMs, streamsRequests, identity } }: AppConfig,
  pool: WorkerPool | null,
  { sockets, bodyDirectory, ...common }: OpeningOptions,
): OpenApp {
  if (pool === null) {
    return () => (exchange) => {
      if (exchange.trace !== null) exchange.trace.app = name;
      return new StubHandler(exchange);
    };
  }
  const offload = sendfile.length === 0 ? null : new FileOffload(sendfile, common.log);
  const uploads = forms.isEnabled ? forms.limits : null;
  const bodyOwner = identity === null || bodyDirectory === null ? null : new BodyOwner(bodyDirectory, identity);
  const context: AppContext = { name, pool, timeoutMs, streamsRequests, uploads, offload, bodyOwner, ...common };
  const own = sockets.addApp(context);
  return (route) => {
    const routed: AppContext = {
      ...context,
      streamsRequests: route.streamsRequests ?? streamsRequests,
      uploads: (route.parsesForms ?? forms.isEnabled) ? forms.limits : null,
      timeoutMs: route.timeoutMs ?? timeoutMs,
    };
    return (exchange) => {
      if (!opensSocket(exchange.head)) return new AppCall(exchange, routed);
      return pool.isKnownFor("websocket_session")
        ? new SessionOpening(exchange, own)
        : new SocketOpening(exchange, own);
    };
  };
}

import { TopicBus } from "../../bus/topic-bus.ts";
import type { WebSocketConfig } from "../../config/server-config.ts";
import { WebSocketServer } from "../../http/websocket/websocket-server.ts";
import type { TimerWheel } from "../../kernel/timer-wheel.ts";
import type { ActionList } from "../../protocols/worker/socket-action.ts";
import type { UserMetrics } from "../../telemetry/user-metrics.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { ProxyTunnels } from "../../routing/proxy/proxy-tunnel.ts";
import { AllowedOrigins } from "../master/allowed-origins.ts";
import type { AppContext } from "../dispatch/app-call.ts";
import { type ActionRelay, AppSockets } from "../sockets/app-sockets.ts";
import { SocketNames } from "../socket-names.ts";

export interface FrontSocketsOptions {
  readonly config: WebSocketConfig;
  /** What apps count of their own. */
  readonly metrics: UserMetrics;
  /** What the names of its sockets begin with. */
  readonly socketPrefix: string;
  readonly relay: ActionRelay;
  readonly wheel: TimerWheel;
  readonly log: Logger;
}

/** The WebSockets of a front: each app has its own, all of them share the topics, the limits and the end. */
export class FrontSockets {
  /** Those that upstreams hold. */
  readonly tunnels: ProxyTunnels = new ProxyTunnels();
  readonly #server: WebSocketServer;
  readonly #bus = new TopicBus();
  readonly #metrics: UserMetrics;
  readonly #wheel: TimerWheel;
  readonly #origins: AllowedOrigins;
  readonly #names: SocketNames;
  readonly #relay: ActionRelay;
  readonly #byApp = new Map<string, AppSockets>();

  constructor({ config, metrics, socketPrefix, relay, wheel, log }: FrontSocketsOptions) {
    this.#metrics = metrics;
    this.#names = new SocketNames(socketPrefix);
    this.#relay = relay;
    this.#server = new WebSocketServer({ config, bus: this.#bus, wheel, log });
    this.#wheel = wheel;
    this.#origins = new AllowedOrigins(config.allowedOrigins);
  }

  /** Makes room for the sockets of an app; once for each. */
  addApp(app: AppContext): AppSockets {
    const parts = {
      server: this.#server,
      bus: this.#bus,
      metrics: this.#metrics,
      wheel: this.#wheel,
      origins: this.#origins,
      names: this.#names,
      relay: this.#relay,
    };
    const sockets = new AppSockets({ app, ...parts });
    this.#byApp.set(app.name, sockets);
    return sockets;
  }

  /** A worker of the app has something done; one that is ready before the app is there speaks to nobody. */
  onActions(appName: string, list: ActionList): void {
    this.#byApp.get(appName)?.onActions(list);
  }

  /** A worker of another front has something done with sockets that may be here. */
  onRelayed(appName: string, list: ActionList): void {
    this.#byApp.get(appName)?.onRelayed(list);
  }

  /** Closes every socket, and from now on each that is opened. */
  leave(): void {
    this.#server.sessions.leave();
    this.tunnels.leave();
  }

  /** Does so with the sockets of one app; resolves when it has heard of the end of each. */
  async leaveApp(appName: string): Promise<void> {
    await this.#byApp.get(appName)?.leave();
  }

  /** Resolves when every app has heard of all its sockets that have ended. */
  async whenIdle(): Promise<void> {
    await Promise.all(Array.from(this.#byApp.values(), ({ closes }) => closes.whenIdle()));
  }
}

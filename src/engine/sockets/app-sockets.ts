import type { TopicBus } from "../../bus/topic-bus.ts";
import type { WebSocketServer } from "../../http/websocket/websocket-server.ts";
import type { WebSocketSession } from "../../http/websocket/websocket-session.ts";
import type { TimerWheel } from "../../kernel/timer-wheel.ts";
import { CLOSE_CODE } from "../../protocols/websocket/close-code.ts";
import type { ActionList, SocketAction } from "../../protocols/worker/socket-action.ts";
import type { SocketEventFacts } from "../../protocols/worker/socket-event-encoder.ts";
import type { UserMetrics } from "../../telemetry/user-metrics.ts";
import type { Call } from "../../workers/calls/call.ts";
import type { AllowedOrigins } from "../master/allowed-origins.ts";
import type { AppContext } from "../dispatch/app-call.ts";
import { runActions } from "./socket-actions.ts";
import { SocketCloses } from "./socket-closes.ts";
import type { SocketNames } from "../socket-names.ts";

/** Where workers send samples of their own metrics. */
const METRICS_TOPIC = "$metrics";

export interface AppSocketsOptions {
  readonly app: AppContext;
  readonly server: WebSocketServer;
  readonly bus: TopicBus;
  readonly metrics: UserMetrics;
  readonly wheel: TimerWheel;
  readonly origins: AllowedOrigins;
  /** Of the front. */
  readonly names: SocketNames;
  /** Takes what is for the sockets of other fronts. Default: there are none. */
  readonly relay?: ActionRelay;
}

/** Where actions go that are for sockets of other fronts, too; valid during the call. */
export interface ActionRelay {
  relay(app: string, action: SocketAction): void;
}

/** A socket that workers know by its name. */
export interface NamedSocket {
  /** What its name is made of. */
  readonly number: number;
  /** `null` once it is gone. */
  readonly session: WebSocketSession | null;
}

/** The WebSockets of one app: its open sockets by name, and what its workers do with them. */
export class AppSockets {
  readonly server: WebSocketServer;
  readonly origins: AllowedOrigins;
  readonly app: AppContext;
  readonly closes: SocketCloses;
  readonly #bus: TopicBus;
  readonly #metrics: UserMetrics;
  readonly #names: SocketNames;
  readonly #relay: ActionRelay | undefined;
  readonly #byNumber = new Map<number, NamedSocket>();
  /** Resolved when no socket is left; null until they leave. */
  #left: PromiseWithResolvers<void> | null = null;

  constructor({ app, server, bus, metrics, wheel, origins, names, relay }: AppSocketsOptions) {
    this.#names = names;
    this.#relay = relay;
    this.#metrics = metrics;
    this.app = app;
    this.server = server;
    this.origins = origins;
    this.#bus = bus;
    this.closes = new SocketCloses({
      submit: (event) => this.submit(event),
      report: (error) => void this.report(error),
      wheel,
      log: app.log,
    });
  }

  /** A number for the next socket, of which its name is made. */
  nextNumber(): number {
    return this.#names.nextNumber();
  }

  /** What every event of the socket with this number says of itself. */
  factsOf(number: number): SocketEventFacts {
    const { timeoutMs, runtimeVersion } = this.app;
    return { socket: this.#names.nameOf(number), timeoutMs, runtimeVersion };
  }

  add(socket: NamedSocket): void {
    this.#byNumber.set(socket.number, socket);
    if (this.#left !== null) socket.session?.close(CLOSE_CODE.goingAway);
  }

  remove(socket: NamedSocket): void {
    this.#byNumber.delete(socket.number);
    if (this.#byNumber.size === 0) this.#left?.resolve();
  }

  /** Closes every socket of the app with 1001, and from now on each that is opened; resolves when it has heard of the end of all. */
  async leave(): Promise<void> {
    this.#left = Promise.withResolvers();
    for (const { session } of this.#byNumber.values()) session?.close(CLOSE_CODE.goingAway);
    if (this.#byNumber.size === 0) this.#left.resolve();
    await this.#left.promise;
    await this.closes.whenIdle();
  }

  submit(event: Call): void {
    this.app.pool.submit(event);
  }

  /** Runs what the answer to an event of `own` asks for; `null` for a socket that is gone. */
  run(actions: readonly SocketAction[], own: WebSocketSession | null): void {
    runActions(actions, own, {
      bus: this.#bus,
      find: (name) => this.#find(name),
      onEngineTopic: (topic, bytes) => this.#takeSamples(topic, bytes),
      onForOthers: (action) => this.#relay?.relay(this.app.name, action),
      log: this.app.log,
    });
  }

  /** Runs what a worker of another front has asked for. What is not for a socket of this one is for nobody. */
  onRelayed({ actions, refusal }: ActionList): void {
    if (refusal !== null)
      this.app.log.warn("relayed websocket actions refused", { app: this.app.name, error: refusal });
    runActions(actions, null, {
      bus: this.#bus,
      find: (name) => this.#find(name),
      onEngineTopic: () => {},
      onForOthers: () => {},
      log: this.app.log,
    });
  }

  /** Runs what a worker asks for on its own. */
  onActions({ actions, refusal }: ActionList): void {
    if (refusal === null) this.run(actions, null);
    else this.app.log.warn("websocket actions refused", { app: this.app.name, error: refusal });
  }

  /** Writes down what a worker says went wrong. @returns the id under which the log has it. */
  report(error: string): string {
    const errorId = crypto.randomUUID();
    this.app.log.error("worker reported an error", { app: this.app.name, errorId, error });
    return errorId;
  }

  /** Of topics that are the engine's and of no meaning yet, nothing is heard. */
  #takeSamples(topic: string, bytes: Buffer): void {
    if (topic !== METRICS_TOPIC) return;
    const problem = this.#metrics.take(this.app.name, bytes);
    if (problem !== null) this.app.log.warn("metrics of an app left out", { app: this.app.name, reason: problem });
  }

  #find(name: string): WebSocketSession | null {
    return this.#byNumber.get(this.#names.numberOf(name))?.session ?? null;
  }
}

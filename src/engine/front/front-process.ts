import type { FrontReport } from "../../admin/front-report.ts";
import type { AppReload } from "../../admin/reload-report.ts";
import type { LogLevel } from "../../base/log-level.ts";
import { type Clock, systemClock } from "../../kernel/timer-wheel.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { PoolSizes } from "../master/config-difference.ts";
import { type ControlChannel, openControlChannel } from "../control-channel.ts";
import { type FrontMessage, type MasterMessage, parseFrontMessage } from "../control-message.ts";
import type { DevelopmentProblem } from "../develop/problem.ts";
import type { RelayAddress } from "./front-relay.ts";
import type { FrontStatus } from "../front-status.ts";
import type { Ballot } from "../master/reload-vote.ts";
import { ProcessGroups } from "../master/process-groups.ts";

/** How often a front is asked for a sign of life. */
const HEARTBEAT_INTERVAL_MS = 1_000;

/** Questions in a row without an answer after which a front counts as hung. They are counted, so that a machine that slept is no hang. */
const MISSED_HEARTBEATS_MAX = 15;

/** Questions without an answer after which others accept in its place until it answers again. */
const LATE_HEARTBEATS = 2;

/** What a front said last is read before its end is acted on. Only a leaked descriptor could keep the channel open for longer. */
const CHANNEL_END_MS = 1_000;

/** How long a front may take to tell of itself. */
const REPORT_TIMEOUT_MS = 2_000;

/** In the front: STDIN, STDOUT and STDERR come first, then its end of the control channel, then the listeners. */
export const FRONT_CONTROL_FD = 3;
const FRONT_LISTEN_FD_FIRST = 4;

type StartMessage = Extract<MasterMessage, { kind: "start" }>;

/** What one front is started with. */
export interface FrontProcessOptions {
  readonly command: readonly string[];
  /** Listening sockets of this process, each listener's for itself; the front gets copies. */
  readonly listenFds: readonly (readonly number[])[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly start: Omit<StartMessage, "kind" | "listenFds" | "peers">;
  readonly log: Logger;
  /** Every sign of life, the first one of all after the start. */
  readonly onStatus: (status: FrontStatus) => void;
  /** Called when `isServing` becomes another. */
  readonly onStanding?: () => void;
  /** Lines of its log, and how many it left out. */
  readonly onLogLines: (lines: readonly string[], droppedCount: number) => void;
  /** What heartbeats go by. Default: the machine's. */
  readonly clock?: Clock;
}

/** How one front ended. */
export interface FrontExit {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly livedMs: number;
  /** Whether it ever accepted connections. */
  readonly hasStarted: boolean;
  /** Why it could not start, in its own words; `null` when it did not say. */
  readonly failure: string | null;
  /** The apps whose workers did not start. */
  readonly failedApps: readonly AppReload[];
  /** True unless it completed a stop and cut nothing. */
  readonly wasCut: boolean;
}

/**
 * One front as the master sees it, from spawn to exit. It leads a session of its own: a terminal's Ctrl-C reaches the master only, which
 * then stops the front in good order.
 *
 * Invariant: `exited` resolves once the front and all process groups of its workers were ended; nothing of it runs on after that.
 */
export class FrontProcess {
  readonly exited: Promise<FrontExit>;
  /** Resolves when it serves; never, when it does not come to that. */
  readonly started: Promise<void>;
  /** Of a successor: resolves when it could serve, and waits to be told to accept. */
  readonly prepared: Promise<void>;
  readonly #options: FrontProcessOptions;
  readonly #process: Bun.Subprocess;
  #channel: ControlChannel<FrontMessage, MasterMessage> | null = null;
  readonly #channelEnd = Promise.withResolvers<void>();
  readonly #workerGroups = new ProcessGroups();
  readonly #spawnedMs = performance.now();
  #cancelBeat: () => void = () => {};
  #credentials: StartMessage["credentials"];
  #peers: StartMessage["peers"] = [];
  #missedHeartbeats = 0;
  readonly #handover = Promise.withResolvers<void>();
  readonly #preparation = Promise.withResolvers<void>();
  readonly #start = Promise.withResolvers<void>();
  #report: PromiseWithResolvers<FrontReport | null> | null = null;
  #hasStarted = false;
  #failure: string | null = null;
  #failedApps: readonly AppReload[] = [];
  /** Those who wait for workers, by the number of their reload. */
  readonly #reloads = new Map<number, Reload>();
  #reloadCount = 0;
  #wasCut = true;

  /** Spawns it. @throws the runtime's error when the program cannot be executed. */
  constructor(options: FrontProcessOptions) {
    this.#options = options;
    const { command, listenFds, environment, start } = options;
    this.#credentials = start.credentials;
    this.#process = Bun.spawn([...command], {
      stdio: ["ignore", "inherit", "inherit", "socket-fd", ...listenFds.flat()],
      env: environment,
      detached: true,
    });
    void this.#openChannel(this.#process.stdio[FRONT_CONTROL_FD] as number);
    this.#awaitBeat();
    this.prepared = this.#preparation.promise;
    this.started = this.#start.promise;
    this.exited = this.#awaitExit();
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** True from its start on, while it answers: a front that does not is not dead yet, but clients that queue for it wait. */
  get isServing(): boolean {
    return this.#hasStarted && this.#missedHeartbeats <= LATE_HEARTBEATS;
  }

  /** Where it takes what other fronts relay. */
  get relayAddress(): RelayAddress {
    const { directory, socketPrefix } = this.#options.start;
    return { directory, socketPrefix };
  }

  /** Has it relay to these fronts; one that is still starting begins with them. */
  setPeers(peers: readonly RelayAddress[]): void {
    if (Bun.deepEquals(peers, this.#peers)) return;
    this.#peers = peers;
    this.#channel?.send({ kind: "peers", peers });
  }

  /** Has it accept on its own sockets, and on those of the other fronts with these indexes, and no others. */
  acceptFor(frontIndexes: readonly number[]): void {
    this.#channel?.send({ kind: "accept", frontIndexes });
  }

  /** Asks it to stop in good order, or (again, with `isNow`) at once. It exits by itself, or the caller kills it. */
  stop({ isNow }: { isNow: boolean }): void {
    this.#channel?.send({ kind: "stop", isNow, isHandover: false });
  }

  /** Asks it to finish what it has, because another front accepts in its place. Resolves when it accepts nothing more. */
  async handOver(): Promise<void> {
    this.#channel?.send({ kind: "stop", isNow: false, isHandover: true });
    await Promise.race([this.#handover.promise, this.exited]);
  }

  /** Has load balancers told to send requests elsewhere, or here again. */
  drain(isDrained: boolean): void {
    this.#channel?.send({ kind: "drain", isDrained });
  }

  /** Has every worker replaced, some at a time. */
  recycleWorkers(app: string | null): void {
    this.#channel?.send({ kind: "recycle", app });
  }

  /** Has a new generation of workers serve an app, or each, where `ballot` lets it; resolves to null when it dies meanwhile. */
  reloadWorkers(app: string | null, ballot: Ballot): Promise<readonly AppReload[] | null> {
    const id = ++this.#reloadCount;
    const { promise, resolve } = Promise.withResolvers<readonly AppReload[] | null>();
    this.#reloads.set(id, { ballot, end: resolve });
    this.#channel?.send({ kind: "reload", id, app });
    return promise;
  }

  resizePools(sizes: PoolSizes): void {
    this.#channel?.send({ kind: "resize", sizes });
  }

  /** Lets it show other certificates, in the order of the listeners; one that is still starting begins with them. */
  replaceCredentials(credentials: StartMessage["credentials"]): void {
    this.#credentials = credentials;
    this.#channel?.send({ kind: "credentials", credentials });
  }

  /** Has it open its log files anew; one that is still starting does so anyway. */
  reopenLogs(): void {
    this.#channel?.send({ kind: "reopen-logs" });
  }

  /** Has the pages that are open in browsers loaded again. */
  refreshPages(problem: DevelopmentProblem | null): void {
    this.#channel?.send({ kind: "refresh", problem });
  }

  setLogLevel(level: LogLevel): void {
    this.#channel?.send({ kind: "log-level", level });
  }

  /** Everything it tells of itself; `null` when it does not within 2 s. Who asks while others wait gets the same answer. */
  report(): Promise<FrontReport | null> {
    if (this.#report === null) {
      const report = Promise.withResolvers<FrontReport | null>();
      this.#report = report;
      const timer = setTimeout(() => report.resolve(null), REPORT_TIMEOUT_MS);
      void report.promise.then(() => {
        clearTimeout(timer);
        this.#report = null;
      });
      this.#channel?.send({ kind: "report" });
    }
    return this.#report.promise;
  }

  /** Ends it at once. Its workers follow. */
  kill(): void {
    this.#process.kill("SIGKILL");
  }

  async #openChannel(fd: number): Promise<void> {
    const { start, listenFds } = this.#options;
    try {
      await openControlChannel<FrontMessage, MasterMessage>({
        fd,
        parse: parseFrontMessage,
        onOpen: (channel) => {
          this.#channel = channel;
          channel.send({
            kind: "start",
            listenFds: numberInherited(listenFds),
            ...start,
            credentials: this.#credentials,
            peers: this.#peers,
          });
        },
        onMessage: (message) => this.#hear(message),
        onClose: (error) => this.#channelClosed(error),
      });
    } catch (error) {
      this.#channelClosed(error as Error);
    }
  }

  #hear(message: FrontMessage): void {
    switch (message.kind) {
      case "prepared":
        this.#preparation.resolve();
        return;
      case "started":
        this.#hasStarted = true;
        this.#start.resolve();
        this.#options.log.info("front started", { pid: this.pid, ...message.status });
        this.#options.onStatus(message.status);
        this.#options.onStanding?.();
        return;
      case "pong":
        this.#hearBeat();
        if (this.#hasStarted) this.#options.onStatus(message.status);
        return;
      case "report":
        this.#report?.resolve(message.report);
        return;
      case "reloaded":
        this.#reloads.get(message.id)?.end(message.apps);
        this.#reloads.delete(message.id);
        return;
      case "vote":
        void this.#passOn(message);
        return;
      case "worker-spawned":
        this.#workerGroups.add(message.pid);
        return;
      case "worker-exited":
        this.#workerGroups.delete(message.pid);
        return;
      case "log-lines":
        this.#options.onLogLines(message.lines, message.droppedCount);
        return;
      case "handed-over":
        this.#handover.resolve();
        return;
      case "stopped":
        this.#wasCut = message.wasCut;
        return;
      case "failed":
        this.#failure = message.message;
        this.#failedApps = message.apps;
        this.#options.log.error("front cannot start", { pid: this.pid, reason: message.message });
        return;
      default:
        message satisfies never;
    }
  }

  async #passOn({ id, app, isReady }: Extract<FrontMessage, { kind: "vote" }>): Promise<void> {
    const mayServe = (await this.#reloads.get(id)?.ballot(app, isReady)) ?? false;
    if (isReady) this.#channel?.send({ kind: "verdict", id, app, mayServe });
  }

  #awaitBeat(): void {
    this.#cancelBeat = (this.#options.clock ?? systemClock).after(HEARTBEAT_INTERVAL_MS, () => {
      this.#beat();
      this.#awaitBeat();
    });
  }

  #beat(): void {
    if (this.#missedHeartbeats >= MISSED_HEARTBEATS_MAX) {
      this.#options.log.error("front killed: it gave no sign of life", {
        pid: this.pid,
        missedHeartbeats: this.#missedHeartbeats,
      });
      this.kill();
      return;
    }
    const wasServing = this.isServing;
    this.#missedHeartbeats++;
    this.#channel?.send({ kind: "ping" });
    if (wasServing === this.isServing) return;
    this.#options.log.warn("front does not answer", { pid: this.pid, missedHeartbeats: this.#missedHeartbeats });
    this.#options.onStanding?.();
  }

  #hearBeat(): void {
    const wasServing = this.isServing;
    this.#missedHeartbeats = 0;
    if (wasServing === this.isServing) return;
    this.#options.log.info("front answers again", { pid: this.pid });
    this.#options.onStanding?.();
  }

  /** A front closes its end by exiting only; one that broke the channel cannot be led any more. */
  #channelClosed(error: Error | null): void {
    this.#channelEnd.resolve();
    if (error === null) return;
    this.#options.log.error("front killed: its control channel broke", { pid: this.pid, error });
    this.kill();
  }

  async #awaitExit(): Promise<FrontExit> {
    await this.#process.exited;
    const livedMs = performance.now() - this.#spawnedMs;
    this.#cancelBeat();
    await Promise.race([this.#channelEnd.promise, Bun.sleep(CHANNEL_END_MS)]);
    this.#channel?.close();
    for (const { end } of this.#reloads.values()) end(null);
    await this.#workerGroups.end();
    return {
      exitCode: this.#process.exitCode,
      signal: this.#process.signalCode?.toString() ?? null,
      livedMs,
      hasStarted: this.#hasStarted,
      failure: this.#failure,
      failedApps: this.#failedApps,
      wasCut: this.#wasCut,
    };
  }
}

/** A reload that is under way. */
interface Reload {
  readonly ballot: Ballot;
  readonly end: (apps: readonly AppReload[] | null) => void;
}

/** The same descriptors as the front has them. */
function numberInherited(listenFds: readonly (readonly number[])[]): number[][] {
  let fd = FRONT_LISTEN_FD_FIRST;
  return listenFds.map((fds) => fds.map(() => fd++));
}

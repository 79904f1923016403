import type { AppConfig } from "../../config/app-config.ts";
import type { Config } from "../../config/config.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { WorkerPool } from "../../workers/pool.ts";
import type { FrontListening } from "./front-listening.ts";
import type { FrontSockets } from "./front-sockets.ts";
import { delayMsOf, graceMsOf, longestDelayMs, longestGraceMs } from "./front-times.ts";
import type { ServingListener } from "../listeners/listener-pair.ts";

/** How long responses announce `Connection: close` before idle connections are closed: clients that are about to reuse one learn of it. */
const ANNOUNCE_CLOSE_MS = 300;

/** In so many parts: a machine that stalls, on which nobody learns of anything, takes one of them away and not all. */
const ANNOUNCE_PART_COUNT = 10;

/** How long connections that the kernel has completed may take to be accepted before the listening sockets are closed. */
const ACCEPT_QUEUE_MS = 20;

/** How a front is to stop. */
export interface FrontStop {
  /** Skips the waits, of a stop that is already under way too. */
  readonly now: boolean;
  /** False when nobody is left who would send clients elsewhere meanwhile: accepting ends at once, in a stop that is under way too. Default true. */
  readonly isDelayed?: boolean;
  /** True when a successor accepts on the same sockets: nobody has to be sent elsewhere, and what is queued there is the successor's. */
  readonly isHandover?: boolean;
}

export interface FrontShutdownOptions {
  readonly config: Config;
  readonly listening: FrontListening;
  readonly pools: readonly WorkerPool[];
  readonly sockets: FrontSockets;
  /** Called when clients are about to be told. */
  readonly onDelayOver: () => void;
  readonly log: Logger;
}

/**
 * The order in which a front stops: serve on, each app for its `shutdown_delay` → announce the close → stop accepting → close WebSockets →
 * finish what is in flight, for at most the apps' `grace_timeout` → tell the apps which sockets have ended → stop the workers.
 */
export class FrontShutdown {
  readonly #options: FrontShutdownOptions;
  readonly #hurry = Promise.withResolvers<void>();
  readonly #delayOver = Promise.withResolvers<void>();
  readonly #timers: NodeJS.Timeout[] = [];
  /** Those that take no request any more, although others are served. */
  readonly #left = new Set<WorkerPool>();
  #cutCount = 0;
  #wasAppCut = false;

  constructor(options: FrontShutdownOptions) {
    this.#options = options;
  }

  /** Ends every wait, those to come too. */
  hurry(): void {
    this.#hurry.resolve();
  }

  /** Has no `shutdown_delay` waited for any longer; requests keep their grace. */
  endDelay(): void {
    this.#delayOver.resolve();
  }

  /** Goes through all of it, once. @returns whether anything was cut off. */
  async run({ isDelayed = true, isHandover = false }: FrontStop): Promise<{ wasCut: boolean }> {
    const { pools, sockets, onDelayOver } = this.#options;
    const listeners = this.#listeners;
    if (isHandover) {
      for (const listener of listeners) listener.stopListening();
      this.#options.listening.close();
    } else if (isDelayed) await this.#serveOn();
    onDelayOver();
    await this.#stopAccepting(isHandover);
    sockets.leave();
    const longestMs = longestGraceMs(this.#options.config);
    const graceEndsMs = performance.now() + longestMs;
    for (const pool of pools) {
      const graceMs = this.#graceMsOf(pool);
      // With the longest grace the connections are cut.
      if (graceMs < longestMs && !this.#left.has(pool)) this.#after(graceMs, () => this.#cut(pool));
    }
    await this.#wait(leftMs(graceEndsMs), Promise.all(listeners.map((listener) => listener.whenEmpty())));
    this.#cutConnections();
    await this.#wait(leftMs(graceEndsMs), sockets.whenIdle());
    await this.#stopPools(leftMs(graceEndsMs));
    for (const timer of this.#timers) clearTimeout(timer);
    return { wasCut: this.#cutCount > 0 || this.#wasAppCut };
  }

  /** As long as any app is to be served; those with less time leave meanwhile. */
  async #serveOn(): Promise<void> {
    const { config, pools } = this.#options;
    const longestMs = longestDelayMs(config);
    for (const pool of pools) {
      const delayMs = delayMsOf(this.#appOf(pool), config.server);
      if (delayMs < longestMs) this.#after(delayMs, () => void this.#leave(pool));
    }
    await this.#wait(longestMs, this.#delayOver.promise);
  }

  /** The app gets no further request, finishes those it has, and its workers go. */
  async #leave(pool: WorkerPool): Promise<void> {
    this.#left.add(pool);
    const graceMs = this.#graceMsOf(pool);
    this.#after(graceMs, () => this.#cut(pool));
    await this.#wait(graceMs, this.#options.sockets.leaveApp(pool.appName));
    await pool.stop({ graceMs: Infinity });
  }

  async #stopAccepting(isHandover: boolean): Promise<void> {
    const listeners = this.#listeners;
    for (const listener of listeners) listener.announceClose();
    for (let left = ANNOUNCE_PART_COUNT; left > 0 && listeners.some(hasConnections); left--) {
      await this.#wait(ANNOUNCE_CLOSE_MS / ANNOUNCE_PART_COUNT);
    }
    if (!isHandover) {
      for (const listener of listeners) listener.stopQueueing();
      await this.#wait(ACCEPT_QUEUE_MS);
    }
    for (const listener of listeners) listener.stopAccepting();
    this.#options.listening.close();
  }

  #cutConnections(): void {
    for (const listener of this.#listeners) this.#cutCount += listener.closeConnections();
    if (this.#cutCount === 0) return;
    this.#options.log.warn("connections cut at the end of the grace", { count: this.#cutCount });
  }

  async #stopPools(graceMs: number): Promise<void> {
    const { pools } = this.#options;
    const stopped = Promise.all(pools.map((pool) => pool.stop({ graceMs })));
    void this.#hurry.promise.then(() => Promise.all(pools.map((pool) => pool.stop({ graceMs: 0 }))));
    await stopped;
  }

  /** The grace of this app is over, and that of others may not be. */
  #cut(pool: WorkerPool): void {
    const { busyCount, waitingCount } = pool.status;
    if (busyCount + waitingCount > 0) {
      this.#wasAppCut = true;
      const app = pool.appName;
      this.#options.log.warn("requests cut at the end of the app's grace", { app, busyCount, waitingCount });
    }
    void pool.stop({ graceMs: 0 });
  }

  get #listeners(): readonly ServingListener[] {
    return this.#options.listening.listeners;
  }

  #appOf({ appName }: WorkerPool): AppConfig {
    return this.#options.config.apps.find(({ name }) => name === appName)!;
  }

  #graceMsOf(pool: WorkerPool): number {
    return graceMsOf(this.#appOf(pool), this.#options.config.server);
  }

  #after(delayMs: number, act: () => void): void {
    this.#timers.push(setTimeout(act, delayMs));
  }

  /** Resolves after `delayMs`, when `condition` does, or when somebody is in a hurry. */
  async #wait(delayMs: number, condition?: Promise<unknown>): Promise<void> {
    const delay = Promise.withResolvers<void>();
    const timer = setTimeout(delay.resolve, delayMs);
    await Promise.race(
      condition === undefined ? [delay.promise, this.#hurry.promise] : [delay.promise, this.#hurry.promise, condition],
    );
    clearTimeout(timer);
  }
}

function hasConnections({ connectionCount }: ServingListener): boolean {
  return connectionCount > 0;
}

function leftMs(endMs: number): number {
  return Math.max(0, endMs - performance.now());
}

import type { FrontReport } from "../../admin/front-report.ts";
import type { AppReload } from "../../admin/reload-report.ts";
import { Backoff } from "../../kernel/backoff.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { FrontExit } from "../front/front-process.ts";
import type { RelayAddress } from "../front/front-relay.ts";
import { problemOf } from "./problem-of-successor.ts";
import type { FrontStatus } from "../front-status.ts";
import type { Ballot } from "./reload-vote.ts";
import {
  FrontReplacementError,
  type FrontWatcher,
  type SpawnFront,
  type Succession,
  type SuccessorOptions,
  type SupervisedFront,
} from "./supervised-front.ts";

/** A front that served this long was sound: its death counts as the first again. */
const SOUND_AFTER_MS = 10_000;

/** Deaths in a row of fronts that were not sound yet are a crash loop from this one on. */
const CRASH_LOOP_DEATHS = 3;

/** The first replacement comes at once; the ones after it wait this long, then twice as long, … */
const RESTART_DELAY_MS_MIN = 100;
const RESTART_DELAY_MS_MAX = 5_000;

/** For a front that was told to stop now: to cut its connections, end its workers and say so. */
const STOP_NOW_TIMEOUT_MS = 3_000;

/** How a stop goes about its requests in flight: it waits for them, cuts them off, or does not even ask the front. */
export type StopUrgency = "graceful" | "now" | "kill";

/** What a supervisor is made of. */
export interface FrontSupervisorOptions {
  readonly spawn: SpawnFront;
  /** How long a graceful stop may take before the front is killed. */
  readonly stopTimeoutMs: number;
  readonly log: Logger;
  /** Told of every sign of life of the front that serves. Default: nobody is. */
  readonly onStatus?: () => void;
  /** Told when a front has come or gone, hangs or no longer. Default: nobody is. */
  readonly onChange?: () => void;
}

/**
 * Keeps one front running: one that dies is replaced, at once when it was sound, later and later when they keep dying. A successor on
 * request serves before the old front is told to finish what it has.
 *
 * Invariant: from `start` until `stop` there is a front, or one will be spawned within `RESTART_DELAY_MS_MAX`; after `stop` none is spawned.
 */
export class FrontSupervisor {
  #options: FrontSupervisorOptions;
  readonly #backoff = new Backoff({
    delayMsMin: RESTART_DELAY_MS_MIN,
    delayMsMax: RESTART_DELAY_MS_MAX,
    healthyAfterMs: SOUND_AFTER_MS,
  });
  readonly #stop = Promise.withResolvers<void>();
  #running: Promise<void> = Promise.resolve();
  #current: RunningFront | null = null;
  /** Fronts that are not the current one: a successor that starts, and those that finish what they have. */
  readonly #others = new Set<SupervisedFront>();
  /** Resolved when a successor has become the current front. */
  #succession = Promise.withResolvers<"succeeded">();
  #generation = 0;
  #deathCount = 0;
  #isStopping = false;
  #wasCut = false;
  #killTimer: NodeJS.Timeout | undefined;

  constructor(options: FrontSupervisorOptions) {
    this.#options = options;
  }

  /** Spawns the first front. Failures are logged and retried: only `stop` ends it. */
  start(): void {
    this.#running = this.#run();
  }

  /** True for the process id of a front that has not been waited for. */
  isFront(pid: number): boolean {
    return this.#current?.front.pid === pid || [...this.#others].some((front) => front.pid === pid);
  }

  /**
   * Makes a front of another kind ready to take over; when it does not come to that, it is ended and everything stays as it is.
   *
   * @throws {FrontReplacementError} when the old front stays.
   */
  async prepare(options: SuccessorOptions): Promise<Succession> {
    if (this.#isStopping) throw new FrontReplacementError("the engine is stopping");
    const { startTimeoutMs } = options;
    const next = this.#spawnSuccessor(options.spawn);
    const { front } = next;
    this.#options.log.info("front spawned", { pid: front.pid, generation: next.generation, isSuccessor: true });
    this.#others.add(front);
    this.#options.onChange?.();
    const startedMs = performance.now();
    await this.#expect(front, front.prepared, startTimeoutMs);
    let isAccepting = false;
    return {
      accept: async () => {
        front.acceptFor([]);
        isAccepting = true;
        await this.#expect(front, front.started, Math.max(0, startTimeoutMs - (performance.now() - startedMs)));
      },
      succeed: () => this.#succeed(next, options),
      abandon: async () => {
        if (isAccepting) await this.#retire(next);
        else await this.#discard(front);
      },
    };
  }

  /** Of the front that serves; `null` while there is none. */
  get pid(): number | null {
    return this.#current?.front.pid ?? null;
  }

  /** What the front that serves tells of itself; `null` while there is none, or it does not answer. */
  async report(): Promise<FrontReport | null> {
    return (await this.#current?.front.report()) ?? null;
  }

  /** What the front that serves has said last; null while there is none, or it has not said anything. */
  get status(): FrontStatus | null {
    return this.#current?.status ?? null;
  }

  /** True when somebody has to accept in place of the front: there is none, or it does not answer, or has not started yet. */
  get isAway(): boolean {
    return this.#current?.front.isServing !== true;
  }

  /** Has the front accept in place of the other fronts with these indexes, for as long as it lives or until it is told otherwise. */
  standInFor(frontIndexes: readonly number[]): void {
    const current = this.#current;
    if (current === null || Bun.deepEquals(current.standsInFor, frontIndexes)) return;
    current.standsInFor = frontIndexes;
    current.front.acceptFor(frontIndexes);
  }

  /** Where its fronts take what others relay, those that start or finish included. */
  get relayAddresses(): readonly RelayAddress[] {
    return this.#fronts().map(({ relayAddress }) => relayAddress);
  }

  /** Has each front relay to all of these but itself. */
  setPeers(addresses: readonly RelayAddress[]): void {
    for (const front of this.#fronts()) {
      const { socketPrefix } = front.relayAddress;
      front.setPeers(addresses.filter((address) => address.socketPrefix !== socketPrefix));
    }
  }

  /** Fronts that died while nobody had told them to. */
  get deathCount(): number {
    return this.#deathCount;
  }

  /** Gives an order to the front that serves, if there is one: a later one begins with what is on disk, and as it is configured. */
  tell(order: (front: SupervisedFront) => void): void {
    if (this.#current !== null) order(this.#current.front);
  }

  /** Gives an order to every front, those among them that start or finish. */
  tellAll(order: (front: SupervisedFront) => void): void {
    for (const front of this.#fronts()) order(front);
  }

  /** Has new workers serve, of one app or of each; null when no front is there to the end of it. */
  async reloadWorkers(app: string | null, ballot: Ballot): Promise<readonly AppReload[] | null> {
    return (await this.#current?.front.reloadWorkers(app, ballot)) ?? null;
  }

  /** Fronts that follow one that dies are made in this way from now on. */
  adopt({ spawn, stopTimeoutMs }: Pick<SuccessorOptions, "spawn" | "stopTimeoutMs">): void {
    this.#options = { ...this.#options, spawn, stopTimeoutMs };
  }

  /** Ends the supervision; called again, it only makes haste. Resolves when no front is left. `wasCut`: requests were lost. */
  async stop(urgency: StopUrgency): Promise<{ readonly wasCut: boolean }> {
    this.#isStopping = true;
    this.#stop.resolve();
    const fronts = this.#fronts();
    switch (urgency) {
      case "graceful":
        this.#current?.front.stop({ isNow: false });
        this.#killAfter(this.#options.stopTimeoutMs);
        break;
      case "now":
        for (const front of fronts) front.stop({ isNow: true });
        this.#killAfter(STOP_NOW_TIMEOUT_MS);
        break;
      case "kill":
        for (const front of fronts) front.kill();
    }
    return this.#ended();
  }

  /**
   * Ends the supervision because somebody else accepts on the same sockets: what is in flight is finished. As `stop`, which may follow.
   *
   * @param onLeft called when it accepts nothing more.
   */
  async handOver(onLeft?: () => void): Promise<{ readonly wasCut: boolean }> {
    this.#isStopping = true;
    this.#stop.resolve();
    this.#killAfter(this.#options.stopTimeoutMs);
    await this.#current?.front.handOver();
    onLeft?.();
    return this.#ended();
  }

  async #ended(): Promise<{ readonly wasCut: boolean }> {
    await this.#running;
    await Promise.all([...this.#others].map(({ exited }) => exited));
    clearTimeout(this.#killTimer);
    return { wasCut: this.#wasCut };
  }

  #fronts(): readonly SupervisedFront[] {
    return [...(this.#current === null ? [] : [this.#current.front]), ...this.#others];
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      const restartDelayMs = await this.#runFront();
      if (this.#isStopping || restartDelayMs === 0) continue;
      await Promise.race([Bun.sleep(restartDelayMs), this.#stop.promise, this.#succession.promise]);
    }
  }

  /** Runs the current front, or a new one, to its end or its succession; returns how long to wait before the next. */
  async #runFront(): Promise<number> {
    const { spawn, log } = this.#options;
    if (this.#current === null) {
      try {
        this.#current = this.#spawn(spawn, "first");
      } catch (error) {
        const restartDelayMs = this.#nextDelayMs(0);
        log.error("front cannot be spawned", { error: error as Error, restartDelayMs });
        return restartDelayMs;
      }
      log.info("front spawned", { pid: this.#current.front.pid, generation: this.#current.generation });
      this.#options.onChange?.();
    }
    const running = this.#current;
    const end = await Promise.race([running.front.exited, this.#succession.promise]);
    if (end === "succeeded") return 0;
    this.#current = null;
    const restartDelayMs = this.#exited(running, end);
    this.#options.onChange?.();
    return restartDelayMs;
  }

  #exited({ front: { pid }, generation }: RunningFront, exit: FrontExit): number {
    const { exitCode, signal } = exit;
    const livedMs = Math.round(exit.livedMs);
    const { log } = this.#options;
    if (this.#isStopping) {
      this.#wasCut ||= exit.wasCut;
      log.debug("front stopped", { pid, generation, exitCode, signal, livedMs });
      return 0;
    }
    const restartDelayMs = this.#nextDelayMs(exit.hasStarted ? livedMs : 0);
    const fields = { pid, generation, exitCode, signal, livedMs, restartDelayMs };
    this.#deathCount++;
    const deathCount = this.#backoff.attemptCount;
    if (deathCount < CRASH_LOOP_DEATHS) log.warn("front died", fields);
    else log.error("fronts keep dying", { ...fields, deathCount });
    return restartDelayMs;
  }

  #nextDelayMs(livedMs: number): number {
    const delayMs = Math.round(this.#backoff.next(livedMs));
    return this.#backoff.attemptCount === 1 ? 0 : delayMs;
  }

  #spawnSuccessor(spawn: SpawnFront): RunningFront {
    try {
      return this.#spawn(spawn, "successor");
    } catch (error) {
      throw new FrontReplacementError((error as Error).message);
    }
  }

  #spawn(spawn: SpawnFront, role: "first" | "successor"): RunningFront {
    const generation = ++this.#generation;
    const watcher: FrontWatcher = {
      onStatus: (status) => {
        running.status = status;
        if (this.#current === running) this.#options.onStatus?.();
      },
      onStanding: () => this.#options.onChange?.(),
    };
    const running: RunningFront = {
      front: spawn(generation, role, watcher),
      generation,
      status: null,
      standsInFor: [],
    };
    return running;
  }

  async #succeed(next: RunningFront, { spawn, stopTimeoutMs }: SuccessorOptions): Promise<void> {
    this.#others.delete(next.front);
    const old = this.#current;
    this.adopt({ spawn, stopTimeoutMs });
    this.#current = next;
    this.#succession.resolve("succeeded");
    this.#succession = Promise.withResolvers();
    if (next.status !== null) this.#options.onStatus?.();
    if (old !== null) await this.#retire(old);
  }

  /** Waits for a successor to get somewhere, or ends it. @throws {FrontReplacementError} */
  async #expect(front: SupervisedFront, step: Promise<void>, timeoutMs: number): Promise<void> {
    const problem = await problemOf(front, step, { timeoutMs, stopped: this.#stop.promise });
    if (problem === null) return;
    throw new FrontReplacementError(problem, await this.#discard(front));
  }

  async #discard(front: SupervisedFront): Promise<readonly AppReload[]> {
    front.kill();
    const { failedApps } = await front.exited;
    this.#others.delete(front);
    this.#options.onChange?.();
    return failedApps;
  }

  /** Lets a front that has a successor finish what it has. */
  async #retire({ front, generation }: RunningFront): Promise<void> {
    const { log, stopTimeoutMs } = this.#options;
    const timer = setTimeout(() => {
      log.error("front killed: it did not stop in time", { pid: front.pid, timeoutMs: stopTimeoutMs });
      front.kill();
    }, stopTimeoutMs);
    this.#others.add(front);
    void front.exited.then(({ wasCut }) => {
      clearTimeout(timer);
      this.#others.delete(front);
      this.#options.onChange?.();
      if (this.#isStopping) this.#wasCut ||= wasCut;
      log.info("front retired", { pid: front.pid, generation, wasCut });
    });
    await front.handOver();
  }

  #killAfter(timeoutMs: number): void {
    clearTimeout(this.#killTimer);
    this.#killTimer = setTimeout(() => {
      for (const front of this.#fronts()) {
        this.#options.log.error("front killed: it did not stop in time", { pid: front.pid, timeoutMs });
        front.kill();
      }
    }, timeoutMs);
  }
}

interface RunningFront {
  readonly front: SupervisedFront;
  readonly generation: number;
  status: FrontStatus | null;
  standsInFor: readonly number[];
}

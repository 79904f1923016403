import type { AppReload } from "../../admin/reload-report.ts";
import { type MergedReport, ReportLedger } from "../../admin/report-ledger.ts";
import type { LogLevel } from "../../base/log-level.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { PoolSizes } from "./config-difference.ts";
import { coverFronts } from "./cover-fronts.ts";
import type { DevelopmentProblem } from "../develop/problem.ts";
import { gatherReports } from "./gather-reports.ts";
import { type FrontPlace, slicePoolSize } from "./front-slice.ts";
import { FrontSupervisor, type StopUrgency } from "./front-supervisor.ts";
import { type FrontStatus, sumStatuses } from "../front-status.ts";
import { ReloadVote } from "./reload-vote.ts";
import { NOT_LET } from "../../workers/process/start-failure.ts";
import type { SpawnFront, Succession } from "./supervised-front.ts";

/** Fronts that are made from one configuration. */
export interface FrontKind {
  /** How many serve side by side, at least 1. */
  readonly count: number;
  readonly spawnerFor: (place: FrontPlace) => SpawnFront;
  /** How long a graceful stop may take before a front is killed. */
  readonly stopTimeoutMs: number;
  /** How long a successor may take until it serves. */
  readonly startTimeoutMs: number;
}

export interface FrontGroupOptions {
  readonly kind: FrontKind;
  /** Told how the fronts are, all together, when all of them have been heard of and one of them says something. */
  readonly onStatus: (status: FrontStatus) => void;
  readonly log: Logger;
}

/**
 * Keeps several fronts running side by side, each under a supervisor of its own. While one is away, another accepts in its place. A
 * replacement of all of them happens as a whole: every successor is ready before the first one accepts, and all accept before the first of
 * the old ones leaves.
 */
export class FrontGroup {
  readonly #options: FrontGroupOptions;
  #slots: readonly FrontSupervisor[];
  /** Supervisors whose successors are being made ready, and those whose place there is no longer. */
  readonly #others = new Set<FrontSupervisor>();
  #ledger = new ReportLedger(1);
  /** Of supervisors that are gone. */
  #pastDeathCount = 0;
  #hasStarted = false;

  constructor(options: FrontGroupOptions) {
    this.#options = options;
    this.#slots = placesOf(options.kind).map((place) => this.#supervise(place, options.kind));
  }

  /** Spawns the fronts that are not there yet. Failures are logged and retried: only `stop` ends it. */
  start(): void {
    this.#hasStarted = true;
    for (const slot of this.#slots) slot.start();
  }

  /** True for the process id of a front that has not been waited for. */
  isFront(pid: number): boolean {
    return this.#supervisors().some((each) => each.isFront(pid));
  }

  /**
   * Has fronts of another kind take over, as many as there are of that kind. When one of them does not come to serve, all of them are ended and
   * everything stays as it is. Resolves when every new connection is a new front's.
   *
   * @throws {FrontReplacementError} when the old fronts stay.
   */
  async replace(kind: FrontKind): Promise<void> {
    const places = placesOf(kind);
    const next = places.map((place) => this.#slots[place.index] ?? this.#supervise(place, kind));
    const added = next.slice(this.#slots.length);
    for (const supervisor of added) this.#others.add(supervisor);
    try {
      const successions = await all(
        next.map((supervisor, index) => supervisor.prepare({ ...kind, spawn: kind.spawnerFor(places[index]!) })),
        (succession) => succession.abandon(),
      );
      await this.#accept(successions);
      const removed = this.#slots.slice(next.length);
      this.#slots = next;
      this.#ledger = this.#ledger.next();
      const retired = successions.map((succession) => succession.succeed());
      if (this.#hasStarted) for (const supervisor of added) supervisor.start();
      await Promise.all([...retired, ...removed.map((supervisor) => this.#remove(supervisor))]);
    } finally {
      for (const supervisor of added) this.#others.delete(supervisor);
    }
    this.#onChange();
  }

  /** Counters add up over all fronts since the last replacement, those of fronts that have died since included. */
  async report(): Promise<MergedReport> {
    const ledger = this.#ledger;
    return ledger.merge(await gatherReports(this.#slots));
  }

  /** Fronts that died while nobody had told them to. */
  get deathCount(): number {
    return this.#pastDeathCount + this.#slots.reduce((sum, { deathCount }) => sum + deathCount, 0);
  }

  setLogLevel(level: LogLevel): void {
    for (const supervisor of this.#supervisors()) supervisor.tellAll((front) => front.setLogLevel(level));
  }

  /** Has every worker of the fronts that serve replaced; one that is about to start runs what is on disk anyway. */
  recycleWorkers(app: string | null = null): void {
    for (const slot of this.#slots) slot.tell((front) => front.recycleWorkers(app));
  }

  /**
   * Has new workers serve, of one app or of each, in every front or in none; null when no front is there to the end of it: the next ones run
   * what is on disk.
   */
  async reloadWorkers(app: string | null): Promise<readonly AppReload[] | null> {
    const vote = new ReloadVote(this.#slots.length);
    const outcomes = await Promise.all(
      this.#slots.map(async (slot, index) => {
        const outcome = await slot.reloadWorkers(app, (each, isReady) => vote.cast(index, each, isReady));
        vote.leave(index);
        return outcome;
      }),
    );
    const known = outcomes.filter((outcome) => outcome !== null);
    return known.length === 0 ? null : mergeReloads(known.flat());
  }

  /** `sizes` are those of whole apps. */
  resizePools(sizes: PoolSizes): void {
    for (const [index, slot] of this.#slots.entries()) {
      const place = { index, count: this.#slots.length };
      const shares = Object.entries(sizes).map(([app, size]) => [app, slicePoolSize(size, place)] as const);
      slot.tell((front) => front.resizePools(Object.fromEntries(shares)));
    }
  }

  /** Fronts that follow one that dies are made in this way from now on; there are as many. */
  adopt(kind: FrontKind): void {
    for (const [index, slot] of this.#slots.entries()) {
      slot.adopt({ ...kind, spawn: kind.spawnerFor({ index, count: this.#slots.length }) });
    }
  }

  /** Has every front open its log files anew, those among them that only finish what they have. */
  reopenLogs(): void {
    for (const supervisor of this.#supervisors()) supervisor.tellAll((front) => front.reopenLogs());
  }

  /** Has every front tell load balancers to send requests elsewhere, or here again. */
  drain(isDrained: boolean): void {
    for (const supervisor of this.#supervisors()) supervisor.tellAll((front) => front.drain(isDrained));
  }

  /** Has pages in browsers loaded again. */
  refreshPages(problem: DevelopmentProblem | null): void {
    for (const slot of this.#slots) slot.tell((front) => front.refreshPages(problem));
  }

  /** Ends the supervision; called again, it only makes haste. Resolves when no front is left. `wasCut`: requests were lost. */
  stop(urgency: StopUrgency): Promise<{ readonly wasCut: boolean }> {
    return anyCut(this.#supervisors().map((supervisor) => supervisor.stop(urgency)));
  }

  /** Ends the supervision because somebody else accepts on the same sockets: what is in flight is finished. As `stop`, which may follow. */
  handOver(): Promise<{ readonly wasCut: boolean }> {
    return anyCut(this.#supervisors().map((supervisor) => supervisor.handOver()));
  }

  /** They all accept, or all of them leave again. */
  async #accept(successions: readonly Succession[]): Promise<void> {
    await all(
      successions.map((succession) => succession.accept().then(() => succession)),
      (succession) => succession.abandon(),
    );
  }

  /** Its place is no longer; what it has is finished. Resolves when it accepts nothing more. */
  async #remove(supervisor: FrontSupervisor): Promise<void> {
    this.#pastDeathCount += supervisor.deathCount;
    this.#others.add(supervisor);
    const { promise, resolve } = Promise.withResolvers<void>();
    void supervisor.handOver(resolve).then(() => this.#others.delete(supervisor));
    await promise;
  }

  #supervise(place: FrontPlace, kind: FrontKind): FrontSupervisor {
    const { log } = this.#options;
    return new FrontSupervisor({
      ...kind,
      spawn: kind.spawnerFor(place),
      onStatus: () => this.#tellStatus(),
      onChange: () => this.#onChange(),
      log: place.count === 1 ? log : log.child({ front: place.index }),
    });
  }

  #supervisors(): readonly FrontSupervisor[] {
    return [...this.#slots, ...this.#others];
  }

  #tellStatus(): void {
    if (!this.#slots.every(({ status, deathCount }) => status !== null || deathCount > 0)) return;
    this.#options.onStatus(sumStatuses(this.#slots.flatMap(({ status }) => status ?? [])));
  }

  #onChange(): void {
    this.#cover();
    const addresses = this.#supervisors().flatMap(({ relayAddresses }) => relayAddresses);
    for (const supervisor of this.#supervisors()) supervisor.setPeers(addresses);
  }

  /** Has somebody accept wherever a front is away. */
  #cover(): void {
    const stands = coverFronts(this.#slots.map(({ isAway }) => isAway));
    for (const [index, slot] of this.#slots.entries()) slot.standInFor(stands[index]!);
  }
}

/** Of several fronts that failed the one that says most: others only waited for it. */
function mergeReloads(reloads: readonly AppReload[]): readonly AppReload[] {
  const apps = new Map<string, AppReload>();
  for (const reload of reloads) {
    const known = apps.get(reload.app)?.failure ?? null;
    if (known === null || known.reason === NOT_LET.reason) apps.set(reload.app, reload);
  }
  return [...apps.values()];
}

function placesOf({ count }: FrontKind): readonly FrontPlace[] {
  return Array.from({ length: count }, (_, index) => ({ index, count }));
}

/** What all of them come to; when one does not, what becomes of the others is undone. @throws what the first that fails throws. */
async function all<Value>(
  promises: readonly Promise<Value>[],
  undo: (value: Value) => Promise<void>,
): Promise<readonly Value[]> {
  const outcomes = await Promise.allSettled(promises);
  const failed = outcomes.find(({ status }) => status === "rejected");
  const values = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
  if (failed === undefined) return values;
  await Promise.all(values.map(undo));
  throw (failed as PromiseRejectedResult).reason;
}

async function anyCut(ends: readonly Promise<{ readonly wasCut: boolean }>[]): Promise<{ readonly wasCut: boolean }> {
  return { wasCut: (await Promise.all(ends)).some(({ wasCut }) => wasCut) };
}

import type { FrontReport } from "../../src/admin/front-report.ts";
import type { AppReload } from "../../src/admin/reload-report.ts";
import type { PoolSizes } from "../../src/engine/master/config-difference.ts";
import type { RelayAddress } from "../../src/engine/front/front-relay.ts";
import type { FrontExit } from "../../src/engine/front/front-process.ts";
import type { Ballot } from "../../src/engine/master/reload-vote.ts";
import type { SupervisedFront } from "../../src/engine/master/supervised-front.ts";

/** How a front ends that something has killed. */
export const KILLED: FrontExit = {
  exitCode: null,
  signal: "SIGKILL",
  livedMs: 5,
  hasStarted: true,
  failure: null,
  failedApps: [],
  wasCut: true,
};
/** How a front ends that has lived long and was told to stop. */
export const STOPPED: FrontExit = {
  exitCode: 0,
  signal: null,
  livedMs: 60_000,
  hasStarted: true,
  failure: null,
  failedApps: [],
  wasCut: false,
};

/** A front that lives until the test ends it, and remembers what it was told. */
export class FakeFront implements SupervisedFront {
  readonly pid: number;
  readonly orders: string[] = [];
  isServing = false;
  /** The process ids of the other fronts, as it was told last. */
  peers: readonly number[] = [];
  /** What comes of a reload of workers; null for a front that dies meanwhile. */
  reloads: readonly AppReload[] | null = [];
  /** What it asks during one. */
  onReload: (ballot: Ballot) => Promise<void> = () => Promise.resolve();
  readonly #preparation = Promise.withResolvers<void>();
  readonly #start = Promise.withResolvers<void>();
  readonly #exit = Promise.withResolvers<FrontExit>();

  constructor(pid: number) {
    this.pid = pid;
  }

  get prepared(): Promise<void> {
    return this.#preparation.promise;
  }

  get started(): Promise<void> {
    return this.#start.promise;
  }

  get exited(): Promise<FrontExit> {
    return this.#exit.promise;
  }

  prepare(): void {
    this.#preparation.resolve();
  }

  start(): void {
    this.isServing = true;
    this.#preparation.resolve();
    this.#start.resolve();
  }

  get relayAddress(): RelayAddress {
    return { directory: `/front-${this.pid}`, socketPrefix: `${this.pid}-` };
  }

  setPeers(peers: readonly RelayAddress[]): void {
    this.peers = peers.map(({ socketPrefix }) => Number.parseInt(socketPrefix, 10));
  }

  acceptFor(frontIndexes: readonly number[]): void {
    this.orders.push(`accept for ${frontIndexes.join(", ") || "none"}`);
  }

  stop({ isNow }: { isNow: boolean }): void {
    this.orders.push(isNow ? "stop now" : "stop");
  }

  async handOver(): Promise<void> {
    this.orders.push("hand over");
  }

  report(): Promise<FrontReport | null> {
    return Promise.resolve(null);
  }

  setLogLevel(level: string): void {
    this.orders.push(`log level ${level}`);
  }

  refreshPages(): void {}

  reopenLogs(): void {
    this.orders.push("reopen logs");
  }

  drain(isDrained: boolean): void {
    this.orders.push(isDrained ? "drain" : "undrain");
  }

  recycleWorkers(): void {
    this.orders.push("recycle");
  }

  async reloadWorkers(_app: string | null, ballot: Ballot): Promise<readonly AppReload[] | null> {
    this.orders.push("reload");
    await this.onReload(ballot);
    return this.reloads;
  }

  resizePools(sizes: PoolSizes): void {
    const counts = Object.entries(sizes).map(([app, { workerCount }]) => `${app} ${workerCount}`);
    this.orders.push(`resize ${counts.join(", ")}`);
  }

  kill(): void {
    this.orders.push("kill");
    this.exit(KILLED);
  }

  exit(exit: FrontExit): void {
    this.#exit.resolve(exit);
  }
}

/** Lets what is already due happen, without any time passing. */
export async function settle(): Promise<void> {
  for (let count = 0; count < 20; count++) await Promise.resolve();
}

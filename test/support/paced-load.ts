import type { LoadKind } from "./load.ts";
import { Http1Connection, Http2Connection, type PacedConnection } from "./paced-connection.ts";
import { until } from "./until.ts";
import { untilRead } from "./until-read.ts";

/** Between two looks at the schedule. */
const TICK_MS = 2;

/** More requests than this are not under way at a time: a server that is this far behind is not sent more, and the pace is lost. */
const UNDER_WAY_COUNT_MAX = 500;

/** A load that sends less than this share of what it should is spoken of. */
const HELD_SHARE = 0.95;

/** Connections that are kept are used in turns, and each of them often, as a busy client does. */
const KEPT_COUNT: Readonly<Record<LoadKind, number>> = { "keep-alive": 16, "one each": 0, "HTTP/2": 4 };

/** What a load has come to. */
export interface PacedOutcome {
  readonly served: number;
  /** What came instead of a whole answer, one text for each request that got none. */
  readonly lost: readonly string[];
  /** Requests a second that were sent, on average. */
  readonly reachedPerS: number;
}

/**
 * Clients of a server that send so many requests a second in turns of the kinds given, whatever becomes of the ones before: by a schedule,
 * which a machine that is too slow falls behind. They go on until `stop`.
 */
export class PacedLoad {
  readonly #port: number;
  readonly #ratePerS: number;
  readonly #kinds: readonly LoadKind[];
  readonly #kept = new Map<LoadKind, PacedConnection[]>();
  readonly #startMs = performance.now();
  readonly #timer: NodeJS.Timeout;
  readonly #lost: string[] = [];
  #isOn = true;
  #sentCount = 0;
  /** Those that the schedule has had to do without. */
  #skippedCount = 0;
  #servedCount = 0;

  constructor(port: number, ratePerS: number, kinds: readonly LoadKind[]) {
    this.#port = port;
    this.#ratePerS = ratePerS;
    this.#kinds = kinds;
    this.#timer = setInterval(() => void untilRead().then(() => this.#catchUp()), TICK_MS);
  }

  get servedCount(): number {
    return this.#servedCount;
  }

  /** Waits until so many requests that are sent from now on have been served. */
  async served(count: number): Promise<void> {
    const enough = this.#sentCount + count;
    await until(`${count} further requests`, () => this.#servedCount + this.#lost.length >= enough);
  }

  /** Sends nothing more, and lets what is under way come to its end. */
  async stop(): Promise<PacedOutcome> {
    clearInterval(this.#timer);
    this.#isOn = false;
    const reachedPerS = Math.round((this.#sentCount * 1_000) / (performance.now() - this.#startMs));
    await until("the last answers", () => this.#underWayCount === 0);
    for (const connection of [...this.#kept.values()].flat()) connection.close();
    if (reachedPerS < HELD_SHARE * this.#ratePerS) {
      process.stderr.write(`the machine held ${reachedPerS} requests/s of ${this.#ratePerS}\n`);
    }
    return { served: this.#servedCount, lost: this.#lost, reachedPerS };
  }

  get #underWayCount(): number {
    return this.#sentCount - this.#servedCount - this.#lost.length;
  }

  #catchUp(): void {
    if (!this.#isOn) return;
    const dueCount = Math.floor(((performance.now() - this.#startMs) * this.#ratePerS) / 1_000);
    while (this.#sentCount + this.#skippedCount < dueCount) {
      if (this.#underWayCount < UNDER_WAY_COUNT_MAX) this.#send(this.#kinds[this.#sentCount % this.#kinds.length]!);
      else this.#skippedCount = dueCount - this.#sentCount;
    }
  }

  #send(kind: LoadKind): void {
    this.#sentCount++;
    this.#ask(kind);
  }

  #ask(kind: LoadKind): void {
    const connection = this.#connectionFor(kind);
    connection.ask((lost) => {
      if (lost === null) this.#servedCount++;
      else if (connection.mayAskAgain) void untilRead().then(() => this.#ask(kind));
      else this.#lost.push(`${kind}: ${lost}`);
    });
  }

  #connectionFor(kind: LoadKind): PacedConnection {
    if (kind === "one each") return new Http1Connection(this.#port, false);
    const kept = (this.#kept.get(kind) ?? []).filter(({ isOver }) => !isOver);
    this.#kept.set(kind, kept);
    const free = kept.findIndex(({ isFree }) => isFree);
    // More than that are not kept: used less often, they would be closed before they have heard of it.
    if (free === -1 && kept.length >= KEPT_COUNT[kind] && kind === "keep-alive") {
      return new Http1Connection(this.#port, false);
    }
    if (free === -1 || kept.length < KEPT_COUNT[kind]) {
      const connection = kind === "HTTP/2" ? new Http2Connection(this.#port) : new Http1Connection(this.#port, true);
      kept.push(connection);
      return connection;
    }
    const [connection] = kept.splice(free, 1);
    kept.push(connection!);
    return connection!;
  }
}

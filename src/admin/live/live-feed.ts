import type { LogTail } from "../../telemetry/log-tail.ts";
import type { AdminInstance } from "../admin-instance.ts";
import type { InstanceReport } from "../front-report.ts";
import { LiveHistory } from "./live-history.ts";
import { type LivePoint, livePointOf } from "./live-point.ts";

/** How often the instance is looked at while somebody looks on, and otherwise. */
const WATCHED_INTERVAL_MS = 1_000;
const INTERVAL_MS = 5_000;

/** Who looks on. */
export interface LiveWatcher {
  /** `point` is null while no front answers, and in the first call: the last points are in the history. */
  onSample(report: InstanceReport, point: LivePoint | null): void;
}

/** Looks at an instance again and again, remembers how it did, and shows that to who looks on. */
export class LiveFeed implements Disposable {
  /** The end of its log. */
  readonly tail: LogTail;
  readonly #instance: Pick<AdminInstance, "report">;
  readonly #watchers = new Set<LiveWatcher>();
  readonly #history = new LiveHistory();
  #before: InstanceReport | null = null;
  #lookedMs = -Infinity;
  #isLooking = false;
  #timer: NodeJS.Timeout | undefined;
  #isDisposed = false;

  constructor(instance: Pick<AdminInstance, "report">, tail: LogTail) {
    this.#instance = instance;
    this.tail = tail;
    this.#schedule(INTERVAL_MS);
  }

  /** How it did lately, oldest first. */
  get history(): readonly LivePoint[] {
    return this.#history.points;
  }

  get watcherCount(): number {
    return this.#watchers.size;
  }

  /** Shows `watcher` the instance now and from now on. @returns how to end that. */
  watch(watcher: LiveWatcher): () => void {
    this.#watchers.add(watcher);
    if (this.#before !== null) watcher.onSample(this.#before, null);
    // Two looks that are close to each other make poor rates.
    if (!this.#isLooking) this.#schedule(Math.max(0, this.#lookedMs + WATCHED_INTERVAL_MS - performance.now()));
    return () => this.#watchers.delete(watcher);
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    clearTimeout(this.#timer);
  }

  #schedule(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#look(), delayMs);
    this.#timer.unref();
  }

  async #look(): Promise<void> {
    this.#isLooking = true;
    const report = await this.#instance.report();
    this.#isLooking = false;
    this.#lookedMs = performance.now();
    if (this.#isDisposed) return;
    const point = livePointOf(report, this.#before, Date.now());
    this.#before = report;
    if (point !== null) this.#history.add(point);
    for (const watcher of this.#watchers) watcher.onSample(report, point);
    this.#schedule(this.#watchers.size > 0 ? WATCHED_INTERVAL_MS : INTERVAL_MS);
  }
}

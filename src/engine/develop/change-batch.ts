/**
 * A pause this long ends a batch: an editor that saves, or a tool that writes many files, takes less between two of them. It is longer than the
 * 50 ms in which the watcher tells of a file once, so that what it does not tell has happened before the batch ends.
 */
const QUIET_MS = 60;

/** A batch is no longer than this, however long files keep changing. */
const BATCH_MS_MAX = 1_000;

/** More paths are not kept: then everything is taken for changed, by the ones that are. */
const PATH_COUNT_MAX = 10_000;

/** Gathers changes until there are no more for a moment. */
export class ChangeBatch {
  readonly #onBatch: (paths: ReadonlySet<string>) => void;
  #paths = new Set<string>();
  #startedMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(onBatch: (paths: ReadonlySet<string>) => void) {
    this.#onBatch = onBatch;
  }

  add(path: string): void {
    if (this.#paths.size === 0) this.#startedMs = performance.now();
    if (this.#paths.size < PATH_COUNT_MAX) this.#paths.add(path);
    clearTimeout(this.#timer);
    const leftMs = this.#startedMs + BATCH_MS_MAX - performance.now();
    this.#timer = setTimeout(() => this.#end(), Math.max(0, Math.min(QUIET_MS, leftMs)));
  }

  /** What has been gathered is forgotten. */
  close(): void {
    clearTimeout(this.#timer);
    this.#paths.clear();
  }

  #end(): void {
    const paths = this.#paths;
    this.#paths = new Set();
    this.#onBatch(paths);
  }
}

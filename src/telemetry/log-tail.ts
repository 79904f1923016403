/** Lines that are kept. */
const LINE_COUNT_MAX = 500;
/** Characters of all of them; the oldest go first. */
const LENGTH_MAX = 512 * 1024;

/** Hears lines of a log, each one JSON object with its line end. */
export type LogLineListener = (line: string) => void;

/** Keeps the end of a log, as JSON lines, and tells who follows it. */
export class LogTail {
  readonly #lines: string[] = [];
  readonly #listeners = new Set<LogLineListener>();
  #length = 0;

  add(line: string): void {
    this.#lines.push(line);
    this.#length += line.length;
    while (this.#lines.length > LINE_COUNT_MAX || this.#length > LENGTH_MAX) {
      this.#length -= this.#lines.shift()!.length;
    }
    for (const listener of this.#listeners) listener(line);
  }

  /** The last `count` of them, oldest first. */
  last(count: number): readonly string[] {
    return count <= 0 ? [] : this.#lines.slice(-count);
  }

  /** Tells `listener` of every further line. @returns how to end that. */
  follow(listener: LogLineListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** How many ended streams are remembered: frames for them may be under way for a round trip. */
const COUNT_MAX = 128;
/** Places at first; they double up to the maximum. */
const COUNT_MIN = 8;

/**
 * How the streams that ended last have ended. RFC 9113 §5.1 wants frames for a stream that *we* have reset ignored, since the client could not
 * know, and those for one that has ended otherwise taken as an error; a stream that is not remembered was never opened, or long ago.
 */
export class RecentStreams {
  /** The stream's id, doubled, plus 1 when we have reset it; 0 for an empty place. */
  #entries = new Uint32Array(COUNT_MIN);
  #next = 0;

  add(streamId: number, how: "ended" | "reset-by-us"): void {
    if (this.#next === this.#entries.length) this.#wrap();
    this.#entries[this.#next++] = streamId * 2 + (how === "ended" ? 0 : 1);
  }

  /** Looks through all of them: for frames that should not have come. */
  find(streamId: number): "ended" | "reset-by-us" | null {
    const entries = this.#entries;
    if (entries.includes(streamId * 2 + 1)) return "reset-by-us";
    return entries.includes(streamId * 2) ? "ended" : null;
  }

  /** Makes room behind the last entry, or begins anew at the first. */
  #wrap(): void {
    const { length } = this.#entries;
    if (length === COUNT_MAX) {
      this.#next = 0;
      return;
    }
    const entries = new Uint32Array(2 * length);
    entries.set(this.#entries);
    this.#entries = entries;
  }
}

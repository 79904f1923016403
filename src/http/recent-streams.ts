/** How many ended streams are remembered: frames for them may be under way for a round trip. A power of two. */
const COUNT = 128;

/**
 * How the streams that ended last have ended. RFC 9113 §5.1 wants frames for a stream that *we* have reset ignored, since the client could not
 * know, and those for one that has ended otherwise taken as an error; a stream that is not remembered was never opened, or long ago.
 */
export class RecentStreams {
  /** The stream's id, doubled, plus 1 when we have reset it; 0 for an empty place. */
  readonly #entries = new Uint32Array(COUNT);
  #next = 0;

  add(streamId: number, how: "ended" | "reset-by-us"): void {
    this.#entries[this.#next] = streamId * 2 + (how === "ended" ? 0 : 1);
    this.#next = (this.#next + 1) & (COUNT - 1);
  }

  /** Looks through all of them: for frames that should not have come. */
  find(streamId: number): "ended" | "reset-by-us" | null {
    const entries = this.#entries;
    if (entries.includes(streamId * 2 + 1)) return "reset-by-us";
    return entries.includes(streamId * 2) ? "ended" : null;
  }
}

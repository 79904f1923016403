import { constants, deflateRawSync } from "node:zlib";
import { History } from "./history.ts";

/**
 * How much of the window we refer back into ourselves. Handing in 32 KiB takes four times as long as 4 KiB, for messages hardly smaller
 * (see the decision on compression); the receiver is none the wiser.
 */
const HISTORY_BYTES_MAX = 8 * 1024;

/** What a flush ends with and a message leaves out. RFC 7692 §7.2.1. */
const TAIL_BYTES = 4;

/**
 * Deflates messages for one receiver (RFC 7692 §7.2.1). As in the {@link Inflater}, a context that is taken over is the last bytes sent.
 */
export class Deflater {
  readonly #windowBits: number;
  readonly #level: number;
  readonly #history: History | null;

  /** @param windowBits 9 to 15. */
  constructor(options: { readonly windowBits: number; readonly takesOverContext: boolean; readonly level: number }) {
    this.#windowBits = options.windowBits;
    this.#level = options.level;
    this.#history = options.takesOverContext ? new History(Math.min(1 << options.windowBits, HISTORY_BYTES_MAX)) : null;
  }

  /** The compressed payload of the message `bytes[start, end)`, in memory of its own. */
  deflate(bytes: Buffer, start: number, end: number): Buffer {
    const content = bytes.subarray(start, end);
    const dictionary = this.#history?.bytes;
    const flushed = deflateRawSync(content, {
      finishFlush: constants.Z_SYNC_FLUSH,
      windowBits: this.#windowBits,
      level: this.#level,
      ...(dictionary !== undefined && dictionary.length > 0 && { dictionary }),
    });
    this.#history?.append(content);
    return flushed.subarray(0, flushed.length - TAIL_BYTES);
  }

  /** Tells that a message compressed elsewhere, without context, is sent to the same receiver: later ones may not refer past it. */
  forget(): void {
    this.#history?.clear();
  }
}

import { Buffer } from "node:buffer";
import { FrameError } from "./msgpack-reader.ts";

const LENGTH_BYTES = 4;

/** Where a frame lies in what has come: from `start` to `end`, without its length. */
type OnFrame = (bytes: Buffer, start: number, end: number) => void;

/** Cuts what comes from the socket into frames. A frame that lies whole in one chunk is not copied. */
export class FrameSplitter {
  readonly #onFrame: OnFrame;
  /** In bytes; a longer frame is refused from its length. */
  frameBytesMax: number;
  #held: Buffer[] = [];
  #heldBytes = 0;

  constructor(frameBytesMax: number, onFrame: OnFrame) {
    this.frameBytesMax = frameBytesMax;
    this.#onFrame = onFrame;
  }

  /** @throws {FrameError} when a length is 0 or over the limit. */
  push(chunk: Buffer): void {
    let bytes = chunk;
    if (this.#heldBytes > 0) {
      this.#held.push(chunk);
      this.#heldBytes += chunk.length;
      // A large frame comes in many chunks: they are joined once.
      if (this.#heldBytes < this.#neededBytes()) return;
      bytes = Buffer.concat(this.#held, this.#heldBytes);
    }
    let at = 0;
    while (bytes.length - at >= LENGTH_BYTES) {
      const end = at + LENGTH_BYTES + this.#lengthAt(bytes, at);
      if (end > bytes.length) break;
      this.#onFrame(bytes, at + LENGTH_BYTES, end);
      at = end;
    }
    this.#heldBytes = bytes.length - at;
    this.#held = this.#heldBytes === 0 ? [] : [bytes.subarray(at)];
  }

  #neededBytes(): number {
    const [first = Buffer.alloc(0)] = this.#held;
    if (first.length >= LENGTH_BYTES) return LENGTH_BYTES + this.#lengthAt(first, 0);
    this.#held = [Buffer.concat(this.#held)];
    return this.#heldBytes < LENGTH_BYTES ? LENGTH_BYTES : LENGTH_BYTES + this.#lengthAt(this.#held[0]!, 0);
  }

  #lengthAt(bytes: Buffer, at: number): number {
    const byteLength = bytes.readUInt32BE(at);
    if (byteLength === 0 || byteLength > this.frameBytesMax) {
      throw new FrameError(`Cannot read a frame: its length is ${byteLength}, 1 to ${this.frameBytesMax} is allowed`);
    }
    return byteLength;
  }
}

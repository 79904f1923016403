import type { Codec } from "../../kernel/codec.ts";
import type { Segments } from "../../kernel/segments.ts";
import { FrameReader } from "./frame-reader.ts";
import { type PrototypeNotice, PrototypeReader } from "./prototype-reader.ts";

/** Who hears what a prototype says. */
export interface PrototypeSink {
  onNotice(notice: PrototypeNotice): void;
}

/** A prototype says little: its hello is the longest of it. */
const FRAME_BYTES_MAX = 64 * 1024;

/**
 * The frames of a prototype's connection, from the byte behind its `OK` on (docs/reference/wire.md, W2.65 and what follows). What `decode`
 * throws is always a `WorkerProtocolError`; the decoder is not used again.
 */
export class PrototypeDecoder implements Codec<PrototypeSink> {
  readonly #frames = new FrameReader(FRAME_BYTES_MAX);
  readonly #reader = new PrototypeReader();

  decode(segments: Segments, sink: PrototypeSink): void {
    while (this.#frames.take(segments)) {
      const notice = this.#frames.read(this.#reader);
      this.#frames.release();
      sink.onNotice(notice);
    }
  }
}

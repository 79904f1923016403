import type { TopicMessage } from "../../bus/topic-message.ts";
import type { WebSocketConfig } from "../../config/server-config.ts";
import { Arena } from "../../kernel/arena.ts";
import { Deflater } from "../../protocols/websocket/deflater.ts";
import { encodeMessageHeader } from "../../protocols/websocket/frame-encoder.ts";

/** Nearly as small as zlib's usual 6 in half the time: a front compresses on the thread that serves everybody. */
export const DEFLATE_LEVEL = 3;

/** Encodes published messages, once for all sockets that take the same bytes. */
export class WebSocketFrames {
  readonly #bytesMin: number;
  readonly #deflater: Deflater;

  constructor({ compressionBytesMin, compressionWindowBits }: WebSocketConfig) {
    this.#bytesMin = compressionBytesMin;
    this.#deflater = new Deflater({
      windowBits: compressionWindowBits,
      takesOverContext: false,
      level: DEFLATE_LEVEL,
    });
  }

  /** For sockets without compression. */
  readonly plain = (messages: readonly TopicMessage[]): Buffer => {
    const arena = new Arena(messages.reduce((sum, { bytes }) => sum + bytes.length + 10, 0));
    for (const { kind, bytes } of messages) {
      encodeMessageHeader(arena, { kind, isCompressed: false }, bytes.length);
      arena.writeBytes(bytes);
    }
    return arena.bytes.subarray(0, arena.end);
  };

  /** For sockets with compression whose window is the one configured. Nothing in it refers to what a socket got before. */
  readonly deflated = (messages: readonly TopicMessage[]): Buffer => {
    const arena = new Arena();
    for (const { kind, bytes } of messages) {
      const isCompressed = bytes.length >= this.#bytesMin;
      const payload = isCompressed ? this.#deflater.deflate(bytes, 0, bytes.length) : bytes;
      encodeMessageHeader(arena, { kind, isCompressed }, payload.length);
      arena.writeBytes(payload);
    }
    return arena.bytes.subarray(0, arena.end);
  };
}

import type { Segments } from "./segments.ts";

/**
 * Turns bytes into frames for one direction of one connection. A codec owns no socket and no clock, so it is tested by feeding it every
 * split of its input.
 *
 * `decode` hands every whole frame in `segments` to `sink`, consumes what it understood, and returns when it needs more bytes: needing
 * more is not an error. When framing is lost it throws a `ProtocolError`, after which the connection is poisoned and the codec is not
 * used again. Encoders are plain functions that append to an `Arena`.
 */
export interface Codec<Sink> {
  decode(segments: Segments, sink: Sink): void;
}

import type { Segments } from "../../kernel/segments.ts";
import { MsgpackCursor } from "../msgpack/msgpack-cursor.ts";
import { MsgpackError } from "../msgpack/msgpack-error.ts";
import { readUint32 } from "../msgpack/msgpack-number.ts";
import { LENGTH_BYTES, NESTING_MAX } from "./limits.ts";
import { WorkerProtocolError } from "./worker-protocol-error.ts";

const EMPTY = Buffer.alloc(0);

/** Who reads the map of one frame from a cursor. */
export interface MapReader<Result> {
  read(cursor: MsgpackCursor): Result;
}

/** Cuts frames out of what has arrived, one at a time: `take`, `read`, `release`. */
export class FrameReader {
  readonly #byteLengthMax: number;
  readonly #cursor = new MsgpackCursor(NESTING_MAX);

  /** @param byteLengthMax how many bytes a frame may announce; one more is refused from the four bytes that say so. */
  constructor(byteLengthMax: number) {
    this.#byteLengthMax = byteLengthMax;
  }

  /**
   * Consumes the next frame if it is there as a whole.
   *
   * @throws {WorkerProtocolError} for a length that is none or too large.
   */
  take(segments: Segments): boolean {
    if (segments.byteLength < LENGTH_BYTES) return false;
    const byteLength = this.#readLength(segments);
    if (segments.byteLength - LENGTH_BYTES < byteLength) return false;
    const { bytes } = segments;
    const start = segments.start + LENGTH_BYTES;
    segments.consume(LENGTH_BYTES + byteLength);
    this.#cursor.reset(bytes, start, start + byteLength);
    return true;
  }

  /**
   * Has the frame that was taken read.
   *
   * @throws {WorkerProtocolError} when it is not MessagePack, and what `reader` throws.
   */
  read<Result>(reader: MapReader<Result>): Result {
    try {
      return reader.read(this.#cursor);
    } catch (error) {
      if (!(error instanceof MsgpackError)) throw error;
      const code =
        error.code === "VILYA_MSGPACK_TOO_DEEP" ? "VILYA_WORKER_FRAME_TOO_DEEP" : "VILYA_WORKER_FRAME_MALFORMED";
      throw new WorkerProtocolError(code, error.message, { cause: error });
    }
  }

  /** Lets go of the frame: an idle worker must not pin the bytes of its last response, which may be many. */
  release(): void {
    this.#cursor.reset(EMPTY, 0, 0);
  }

  #readLength(segments: Segments): number {
    const byteLength = readUint32(segments.bytes, segments.start);
    if (byteLength === 0) {
      throw new WorkerProtocolError(
        "VILYA_WORKER_FRAME_EMPTY",
        "Cannot read a frame: its length is 0, a frame holds one map",
      );
    }
    if (byteLength > this.#byteLengthMax) {
      throw new WorkerProtocolError(
        "VILYA_WORKER_FRAME_TOO_LARGE",
        `Cannot read a frame: it announces ${byteLength} bytes, ${this.#byteLengthMax} are allowed`,
      );
    }
    return byteLength;
  }
}

/** @throws {WorkerProtocolError} when the next value is no map. */
export function assertMap(cursor: MsgpackCursor): void {
  if (cursor.peekType() === "map") return;
  throw new WorkerProtocolError(
    "VILYA_WORKER_FRAME_NOT_A_MAP",
    `Cannot read a frame: it holds a value of type ${cursor.peekType()}, only a map is allowed`,
  );
}

/** @throws {WorkerProtocolError} when the frame goes on. */
export function assertFrameEnd(cursor: MsgpackCursor): void {
  if (cursor.isAtEnd) return;
  throw new WorkerProtocolError(
    "VILYA_WORKER_FRAME_MALFORMED",
    `Cannot read a frame: ${cursor.end - cursor.at} bytes follow its map, a frame holds one map and nothing else`,
  );
}

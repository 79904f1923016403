import type { Codec } from "../../kernel/codec.ts";
import type { Segments } from "../../kernel/segments.ts";
import { MsgpackCursor } from "../msgpack/msgpack-cursor.ts";
import { MsgpackError } from "../msgpack/msgpack-error.ts";
import { readUint32 } from "../msgpack/msgpack-number.ts";
import { agreeOnFeatures } from "./features.ts";
import { LENGTH_BYTES, NESTING_MAX } from "./limits.ts";
import { ResponseReader } from "./response-reader.ts";
import type { WorkerHello } from "./handshake.ts";
import type { ActionList, SocketAction } from "./socket-action.ts";
import type { WorkerNotice } from "./worker-notice.ts";
import { WorkerProtocolError } from "./worker-protocol-error.ts";
import type { WorkerResponse } from "./worker-response.ts";

const EMPTY = Buffer.alloc(0);

/**
 * Who hears what a worker says. A response comes whole, or in parts: any number of `onInterim`, then `onHead`, any number of `onChunk`, and
 * `onBodyEnd`; whether parts come in this order and for whom is for the sink to check. Every `response` is valid during its call only, and of a
 * part only the named members mean anything.
 */
export interface WorkerSink {
  /** Also the answer to an event of a WebSocket, which has an `event`: of it `id`, `fields`, `error` and `usage` mean something besides. */
  onResponse(response: WorkerResponse): void;
  /** `id`, `fields`, and `error` where they cannot be sent. The status is 103. */
  onInterim(interim: WorkerResponse): void;
  /** `id`, `status`, `fields`, and `error` where they cannot be sent. */
  onHead(head: WorkerResponse): void;
  /** `id` and body; `error` where the body is not bytes. */
  onChunk(chunk: WorkerResponse): void;
  /** `id`, `error` and `usage`. */
  onBodyEnd(end: WorkerResponse): void;
  /** The worker has taken so much of the body of request `id`: as much more may be sent. */
  onCredit(id: number, byteCount: number): void;
  /** What the worker has done with the WebSocket that request `id` has become, valid during the call; a text says why it is nothing. */
  onOwnAction(id: number, action: SocketAction | string): void;
  /** A worker that knows level 2 says so, once, before anything else: whoever receives it later has to refuse it. */
  onHello(hello: WorkerHello): void;
  /** The worker's loop turns: the answer to the ping `n`, or to none at all. */
  onPong(n: number): void;
  /** What the worker has the engine do with sockets and topics; valid during the call. */
  onActions(list: ActionList): void;
}

/**
 * The frames of one worker's connection, from the byte behind its `OK` on (docs/reference/wire.md).
 *
 * Every frame reaches the sink whole or not at all, and is consumed before the sink hears of it. What `decode` throws is always a
 * `WorkerProtocolError`; nothing behind that frame can be trusted and the decoder is not used again. A response that is sound as a
 * frame and cannot be sent to a client, for its status or a header, is not such a fault: it arrives with `error` set.
 */
export class ResponseDecoder implements Codec<WorkerSink> {
  readonly #frameBytesMax: number;
  readonly #cursor = new MsgpackCursor(NESTING_MAX);
  readonly #reader = new ResponseReader();

  /** @param frameBytesMax how many bytes a frame may announce; one more is refused from the four bytes that say so. */
  constructor({ frameBytesMax }: { readonly frameBytesMax: number }) {
    this.#frameBytesMax = frameBytesMax;
  }

  decode(segments: Segments, sink: WorkerSink): void {
    while (segments.byteLength >= LENGTH_BYTES) {
      const byteLength = this.#readLength(segments);
      if (segments.byteLength - LENGTH_BYTES < byteLength) return;
      const { bytes } = segments;
      const start = segments.start + LENGTH_BYTES;
      segments.consume(LENGTH_BYTES + byteLength);
      const notice = this.#readFrame(bytes, start, start + byteLength);
      if (notice === null) this.#hand(sink);
      else this.#handNotice(notice, sink);
      this.#release();
    }
  }

  #hand(sink: WorkerSink): void {
    const { part, response } = this.#reader;
    switch (part) {
      case "response":
        sink.onResponse(response);
        break;
      case "interim":
        sink.onInterim(response);
        break;
      case "head":
        sink.onHead(response);
        break;
      case "chunk":
        sink.onChunk(response);
        break;
      case "end":
        sink.onBodyEnd(response);
        break;
      case "credit":
        sink.onCredit(response.id, this.#reader.creditBytes);
        break;
      case "ws_message":
      case "ws_close":
        sink.onOwnAction(response.id, this.#reader.ownAction);
        break;
      default:
        part satisfies never;
    }
  }

  #handNotice(notice: WorkerNotice, sink: WorkerSink): void {
    switch (notice.type) {
      case "hello":
        this.#reader.features = agreeOnFeatures(notice.hello.features);
        sink.onHello(notice.hello);
        break;
      case "pong":
        sink.onPong(notice.n);
        break;
      case "actions":
        sink.onActions(notice.list);
        break;
      default:
        notice satisfies never;
    }
  }

  #readLength(segments: Segments): number {
    const byteLength = readUint32(segments.bytes, segments.start);
    if (byteLength === 0) {
      throw new WorkerProtocolError(
        "VILYA_WORKER_FRAME_EMPTY",
        "Cannot read a frame: its length is 0, a frame holds one map",
      );
    }
    if (byteLength > this.#frameBytesMax) {
      throw new WorkerProtocolError(
        "VILYA_WORKER_FRAME_TOO_LARGE",
        `Cannot read a frame: it announces ${byteLength} bytes, ${this.#frameBytesMax} are allowed`,
      );
    }
    return byteLength;
  }

  /** Lets go of the frame: an idle worker must not pin the bytes of its last response, which may be many. */
  #release(): void {
    this.#cursor.reset(EMPTY, 0, 0);
    this.#reader.clear();
  }

  #readFrame(bytes: Buffer, start: number, end: number): WorkerNotice | null {
    this.#cursor.reset(bytes, start, end);
    try {
      return this.#reader.read(this.#cursor);
    } catch (error) {
      if (!(error instanceof MsgpackError)) throw error;
      const code =
        error.code === "VILYA_MSGPACK_TOO_DEEP" ? "VILYA_WORKER_FRAME_TOO_DEEP" : "VILYA_WORKER_FRAME_MALFORMED";
      throw new WorkerProtocolError(code, error.message, { cause: error });
    }
  }
}

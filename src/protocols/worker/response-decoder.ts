import type { Codec } from "../../kernel/codec.ts";
import type { Segments } from "../../kernel/segments.ts";
import { agreeOnFeatures } from "./features.ts";
import { FrameReader } from "./frame-reader.ts";
import { ResponseReader } from "./response-reader.ts";
import type { WorkerHello } from "./handshake.ts";
import type { ActionList, SocketAction } from "./socket-action.ts";
import type { WorkerNotice } from "./worker-notice.ts";
import type { WorkerResponse } from "./worker-response.ts";

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
  readonly #frames: FrameReader;
  readonly #reader = new ResponseReader();

  /** @param frameBytesMax how many bytes a frame may announce; one more is refused from the four bytes that say so. */
  constructor({ frameBytesMax }: { readonly frameBytesMax: number }) {
    this.#frames = new FrameReader(frameBytesMax);
  }

  decode(segments: Segments, sink: WorkerSink): void {
    while (this.#frames.take(segments)) {
      const notice = this.#frames.read(this.#reader);
      if (notice === null) this.#hand(sink);
      else this.#handNotice(notice, sink);
      this.#frames.release();
      this.#reader.clear();
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
}

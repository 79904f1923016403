import type { Arena } from "../kernel/arena.ts";
import type { Connection } from "../kernel/connection.ts";
import type { ConnectionHandler } from "../kernel/connection-handler.ts";
import type { CloseCause } from "../kernel/monitor.ts";
import { Segments } from "../kernel/segments.ts";
import {
  decodeHandshake,
  encodeStop,
  encodeWelcome,
  type EngineLimits,
  HANDSHAKE,
  type WorkerHello,
} from "../protocols/worker/handshake.ts";
import { agreeOnFeatures, type WorkerFeature } from "../protocols/worker/features.ts";
import { encodeCancel, encodeCredit, encodePing } from "../protocols/worker/stream-control.ts";
import { stampRequest } from "../protocols/worker/request-encoder.ts";
import { ResponseDecoder, type WorkerSink } from "../protocols/worker/response-decoder.ts";
import { encodeSessionClose, encodeSessionMessage } from "../protocols/worker/session-encoder.ts";
import type { ActionList, ByteRange, SocketAction } from "../protocols/worker/socket-action.ts";
import type { WorkerResponse } from "../protocols/worker/worker-response.ts";
import type { Call } from "./calls/call.ts";
import type { SessionEnd } from "./calls/call-session.ts";
import type { AnswerSink, CallLink } from "./calls/worker-calls.ts";
import { Uploads } from "./calls/uploads.ts";
import { WorkerLinkError } from "./worker-link-error.ts";

/** How a link came to its end. */
export interface LinkEnd {
  /** What the worker did wrong; `null` when it only closed, or was closed. */
  readonly error: Error | null;
  /** Bytes written to the link that were still ours: the calls they belong to have not begun. */
  readonly unsentBytes: number;
  /** True when the worker left bytes unread: it has not seen the last of the calls written to it as a whole. */
  readonly isUnread: boolean;
}

/** Who is on our side of a link. */
export interface LinkOwner {
  /** Who hears what the worker answers now. */
  readonly answers: AnswerSink;
  /** The worker knows level 2; `features` are those that both have. Returns how many requests it has unanswered at most from now on. */
  onHello(hello: WorkerHello, features: readonly WorkerFeature[]): number;
  /** The worker has answered the handshake. */
  onLinkReady(): void;
  /** The worker has something done with sockets and topics; valid during the call. */
  onActions(list: ActionList): void;
  /** The responses, and parts of them, that arrived together have all been handed over. */
  onBatchEnd(): void;
  /** The last call of all. */
  onLinkEnd(end: LinkEnd): void;
}

/**
 * One worker's connection: the handshake, then requests out and responses in.
 *
 * Invariant: the kernel's socket tells apart a worker that read everything before it closed (end of stream) and one that did not (reset),
 * and `LinkEnd.isUnread` keeps that: it is what makes sending a call again safe.
 */
export class WorkerLink implements ConnectionHandler, WorkerSink, CallLink {
  readonly #connection: Connection;
  readonly #owner: LinkOwner;
  readonly #workerId: number;
  readonly #limits: EngineLimits;
  readonly #segments = new Segments();
  readonly #decoder: ResponseDecoder;
  /** Request bodies that are sent in parts. */
  readonly uploads: Uploads;
  /** What was agreed on with the worker. */
  features: readonly WorkerFeature[] = [];
  #phase: "handshake" | "greeting" | "open" = "handshake";
  #level: 1 | 2 = 1;
  #error: Error | null = null;
  #unsentBytes = 0;
  #writtenBytes = 0;

  constructor(options: { connection: Connection; owner: LinkOwner; workerId: number; limits: EngineLimits }) {
    this.#connection = options.connection;
    this.#connection.isFlushedFirst = true;
    this.#owner = options.owner;
    this.#workerId = options.workerId;
    this.#limits = options.limits;
    this.#decoder = new ResponseDecoder(options.limits);
    this.uploads = new Uploads({
      write: (encode) => this.#control(encode),
      windowBytes: options.limits.streamCreditBytes,
      onTurn: (id) => this.#owner.answers.onUploadTurn(id),
    });
    this.#connection.output().writeBytes(HANDSHAKE);
  }

  /** 2 once the worker has said hello. */
  get level(): 1 | 2 {
    return this.#level;
  }

  get isClosed(): boolean {
    return this.#connection.isClosed;
  }

  /** Bytes written that the socket has not taken yet. */
  get outputBytes(): number {
    return this.#connection.outputBytes;
  }

  get writtenBytes(): number {
    return this.#writtenBytes;
  }

  /** Writes one request; it leaves at the end of the turn. */
  send(call: Call, id: number): void {
    const { frame, body, source, needs } = call;
    if (needs !== null && !this.features.includes(needs)) {
      const message = `Cannot send request ${id} to worker ${this.#workerId}: it is of a pool with the feature ${needs}, and has not named it`;
      // It counts as written, so that it is among what certainly was not read.
      this.#writtenBytes += frame.length;
      this.#fail(
        new WorkerLinkError("VILYA_WORKER_FEATURE_MISSING", message),
        this.#connection.outputBytes + frame.length,
      );
      return;
    }
    const arena = this.#connection.output();
    arena.writeBytes(frame);
    stampRequest(arena.bytes, arena.end - frame.length, id, this.#workerId);
    this.#writtenBytes += frame.length + (body === null ? 0 : body.byteLength);
    if (source !== null) this.uploads.start({ call, source, id });
    if (body === null) return;
    try {
      body.read(this.#writeBody);
    } catch (error) {
      this.#fail(error); // Half a frame is on its way: nothing can follow it.
    }
  }

  sendCredit(id: number, byteCount: number): void {
    this.#control((arena) => encodeCredit(arena, id, byteCount));
  }

  sendCancel(id: number): void {
    this.#control((arena) => encodeCancel(arena, id));
  }

  sendPing(n: number): void {
    this.#control((arena) => encodePing(arena, n));
  }

  sendMessage(id: number, message: { readonly isBinary: boolean } & ByteRange): void {
    this.#control((arena) => encodeSessionMessage(arena, id, message));
  }

  sendSocketClose(id: number, end: SessionEnd): void {
    this.#control((arena) => encodeSessionClose(arena, id, end));
  }

  /** Asks the worker to leave. A worker of level 1 sees the end of its connection; one of level 2 is told, and closes it itself. */
  stop(graceMs: number): void {
    if (this.#connection.isClosed) return;
    if (this.#level === 2) encodeStop(this.#connection.output(), graceMs);
    else this.#connection.closeAfterFlush();
  }

  close(): void {
    this.#connection.close("local");
  }

  onBytes(chunk: Buffer): void {
    this.#segments.append(chunk);
    const isFirst = this.#phase === "handshake";
    try {
      if (isFirst && decodeHandshake(this.#segments) === "incomplete") return;
      if (isFirst) this.#phase = "greeting";
      this.#decoder.decode(this.#segments, this);
    } catch (error) {
      this.#fail(error);
      return;
    }
    // After the hello that may have come with it, so that the welcome goes out before the first request.
    if (isFirst) this.#owner.onLinkReady();
    else this.#owner.onBatchEnd();
  }

  onResponse(response: WorkerResponse): void {
    this.#phase = "open";
    this.#owner.answers.onResponse(response);
  }

  onInterim(interim: WorkerResponse): void {
    this.#owner.answers.onInterim(interim);
  }

  onHead(head: WorkerResponse): void {
    this.#owner.answers.onHead(head);
  }

  onChunk(chunk: WorkerResponse): void {
    this.#owner.answers.onChunk(chunk);
  }

  onBodyEnd(end: WorkerResponse): void {
    this.#owner.answers.onBodyEnd(end);
  }

  onHello(hello: WorkerHello): void {
    if (this.#phase === "open") {
      const message = `Cannot greet worker ${this.#workerId}: it has sent a frame before its hello, which is the first one or never comes`;
      throw new WorkerLinkError("VILYA_WORKER_HELLO_LATE", message);
    }
    this.#phase = "open";
    this.#level = 2;
    const { frameBytesMax, streamCreditBytes } = this.#limits;
    const agreed = agreeOnFeatures(hello.features);
    const concurrency = this.#owner.onHello(hello, agreed);
    // One request at a time leaves no room for sockets beside it.
    const features = concurrency > 1 ? agreed : agreed.filter((feature) => feature !== "websocket_session");
    this.features = features;
    this.#control((arena) => encodeWelcome(arena, { frameBytesMax, streamCreditBytes, concurrency, features }));
  }

  onPong(n: number): void {
    this.#owner.answers.onPong(n);
  }

  onActions(list: ActionList): void {
    this.#owner.onActions(list);
  }

  onOwnAction(id: number, action: SocketAction | string): void {
    this.#owner.answers.onOwnAction(id, action);
  }

  onCredit(id: number, byteCount: number): void {
    this.uploads.grant(id, byteCount);
    this.#owner.answers.onCredit(id, byteCount);
  }

  onEnd(): void {
    const { byteLength } = this.#segments;
    if (byteLength > 0) {
      const message = `Cannot read on from worker ${this.#workerId}: it closed after ${byteLength} bytes of a frame, a frame ends before the connection`;
      this.#error = new WorkerLinkError("VILYA_WORKER_FRAME_CUT", message);
    }
    this.#connection.close("peer");
  }

  onDrain(): void {}

  onDeadline(): void {}

  onClose(cause: CloseCause, isWritten: boolean): void {
    // Part of a response is the proof that the request was read.
    const isUnread = (cause === "reset" || !isWritten) && this.#segments.byteLength === 0;
    this.#segments.clear();
    this.uploads.loseAll();
    this.#owner.onLinkEnd({ error: this.#error, unsentBytes: this.#unsentBytes, isUnread });
  }

  readonly #writeBody = (bytes: Uint8Array, start: number, end: number): void => {
    this.#connection.write(bytes, start, end);
  };

  /** Writes frames beside requests. */
  #control(encode: (arena: Arena) => void): void {
    const arena = this.#connection.output();
    const before = arena.byteLength;
    encode(arena);
    this.#writtenBytes += arena.byteLength - before;
  }

  /** @param unsentBytes of what was written. */
  #fail(error: unknown, unsentBytes: number = this.#connection.outputBytes): void {
    this.#error = error instanceof Error ? error : new Error(String(error));
    this.#unsentBytes = unsentBytes;
    this.#connection.poison(this.#error);
  }
}

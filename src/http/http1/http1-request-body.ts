import type { Connection } from "../../kernel/connection.ts";
import type { Segments } from "../../kernel/segments.ts";
import type { RequestHead } from "../../protocols/http/request-head.ts";
import { BodyDecoder, type BodySink } from "../../protocols/http1/body-decoder.ts";
import { encodeContinue } from "../../protocols/http1/response-encoder.ts";
import { BodySpool, type BodySpoolListener, type SpooledBody } from "../body/body-spool.ts";
import type { Exchange } from "../exchange.ts";
import type { Http1Context } from "./http1-context.ts";
import { RequestStream, type RequestStreamSource } from "../body/request-stream.ts";

/** What request bodies need of their connection's owner. */
export interface RequestBodyOwner {
  /** The body is stored: the request is whole. */
  onBodyStored(body: SpooledBody): void;
  onBodyLost(error: Error): void;
  /** There is room again for what has arrived. */
  onBodyRoom(): void;
}

/**
 * The request bodies of one HTTP/1 connection, one after the other: decoded, then stored until they are whole, or handed on as they arrive.
 *
 * The deadline of a body that is stored runs over all of it. Of one that is handed on it runs while the client is waited for, anew with
 * each room that its reader makes: so a slow reader costs its client nothing, and a client that dribbles is cut.
 */
export class Http1RequestBody implements BodySink, BodySpoolListener, RequestStreamSource {
  readonly #connection: Connection;
  readonly #context: Http1Context;
  readonly #owner: RequestBodyOwner;
  readonly #decoder: BodyDecoder;
  #exchange: Exchange | null = null;
  #spool: BodySpool | null = null;
  #stream: RequestStream | null = null;
  #isContinueDue = false;
  #isComplete = false;

  constructor(connection: Connection, context: Http1Context, owner: RequestBodyOwner) {
    this.#connection = connection;
    this.#context = context;
    this.#owner = owner;
    this.#decoder = new BodyDecoder(context.limits);
  }

  /** Prepares for the body that `head` announces. @throws {HttpError} 413 when that is too long. */
  start(head: RequestHead): void {
    this.#decoder.start(head, this.#context.bodyBytesMax);
    this.#isComplete = false;
    this.#stream = null;
  }

  /** Begins to take the body in as the exchange's handler wants it. @param isContinueDue true when the client waits for 100 (Continue). */
  receive(exchange: Exchange, isContinueDue: boolean): void {
    const { bodyIntake = "whole" } = exchange.handler;
    this.#exchange = exchange;
    this.#decoder.limit(exchange.bodyBytesMax);
    this.#isContinueDue = isContinueDue;
    if (bodyIntake === "parts") {
      this.#stream = new RequestStream(this, this.#context.spool);
      exchange.stream(this.#stream);
      return;
    }
    this.#spool = new BodySpool(this.#context.spool, this, bodyIntake);
    this.#sendContinue();
    this.#connection.setDeadline(this.#context.deadlines.bodyMs);
  }

  /** Takes what is there, up to the end of the body; returns whether that was reached. @throws {HttpError} */
  decode(segments: Segments): boolean {
    if (this.#stream?.isFull !== true) this.#decoder.decode(segments, this);
    if (this.#stream?.isFull === true && !this.#isComplete) this.#waitForReader();
    return this.#isComplete;
  }

  /** The whole body was decoded, and its owner is ready for what follows from that. */
  finish(): void {
    const { trailers } = this.#decoder;
    const kept = trailers?.clone() ?? null;
    if (this.#exchange !== null) this.#exchange.trailers = kept;
    this.#exchange = null;
    this.#connection.clearDeadline();
    this.#connection.resume();
    this.#spool?.end();
    this.#stream?.end(kept);
  }

  /** Lets go of a body that is not whole, or that nobody has taken. */
  dispose(): void {
    this.#exchange = null;
    this.#spool?.dispose();
    this.#spool = null;
    this.#stream?.abort();
    this.#stream = null;
  }

  /** The request is answered. A body that is read, but that the disk does not have yet, would be taken for the next request's. */
  drop(): void {
    this.#spool?.dispose();
    this.#spool = null;
  }

  onBodyBytes(bytes: Buffer, start: number, end: number): void {
    this.#spool?.append(bytes, start, end);
    this.#stream?.append(bytes, start, end);
  }

  onBodyEnd(): void {
    this.#isComplete = true;
  }

  onReadingBegun(): void {
    this.#sendContinue();
  }

  onRoom(): void {
    if (this.#isComplete) return;
    this.#connection.setDeadline(this.#context.deadlines.bodyMs);
    this.#connection.resume();
    this.#owner.onBodyRoom();
  }

  onSpooled(body: SpooledBody): void {
    this.#spool = null;
    this.#owner.onBodyStored(body);
  }

  onSpoolFull(): void {
    this.#connection.pause();
  }

  onSpoolDrained(): void {
    this.#connection.resume();
  }

  onSpoolFailed(error: Error): void {
    this.#owner.onBodyLost(error);
  }

  #waitForReader(): void {
    this.#connection.pause();
    this.#connection.clearDeadline();
  }

  #sendContinue(): void {
    if (this.#isContinueDue) encodeContinue(this.#connection.output());
    this.#isContinueDue = false;
  }
}

import { Deadline, type DeadlineOwner } from "../../kernel/timer-wheel.ts";
import { HttpError } from "../../protocols/http/http-error.ts";
import { bodyTooLarge } from "../../protocols/http/limit-errors.ts";
import { BodySpool, type BodySpoolListener, type SpooledBody } from "../body/body-spool.ts";
import type { Exchange } from "../exchange.ts";
import type { Http3Context } from "./http3-context.ts";
import { RequestStream, type RequestStreamSource } from "../body/request-stream.ts";

/** What is needed of a reader of the runtime's, of which its types know two kinds. */
interface ContentReader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
  cancel(): Promise<void>;
}

/** Who owns the request whose body it is. */
export interface Http3UploadOwner {
  /** The body breaks a rule, a limit or a deadline. */
  onUploadRefused(error: HttpError): void;
  /** The client has left. */
  onUploadLost(): void;
  /** It cannot be stored. */
  onUploadFailed(error: Error): void;
}

/**
 * The body of one HTTP/3 request: read from the runtime, which opens the client's window as it is read, and stored until it is whole or handed
 * on as it arrives. Its deadline runs as that of every other body: over all of one that is stored, else while the client is waited for.
 */
export class Http3Upload implements BodySpoolListener, RequestStreamSource, DeadlineOwner {
  readonly #reader: ContentReader;
  readonly #exchange: Exchange;
  readonly #context: Http3Context;
  readonly #owner: Http3UploadOwner;
  readonly #deadline = new Deadline(this);
  #spool: BodySpool | null = null;
  #input: RequestStream | null = null;
  /** Set while nothing is read because there is no room. */
  #room: PromiseWithResolvers<void> | null = null;
  #byteCount = 0;
  #isSpoolFull = false;
  #isOver = false;

  constructor(content: ReadableStream<Uint8Array>, exchange: Exchange, context: Http3Context, owner: Http3UploadOwner) {
    this.#reader = content.getReader();
    this.#exchange = exchange;
    this.#context = context;
    this.#owner = owner;
  }

  /** Begins to take the body in as the exchange's handler wants it. */
  start(): void {
    const exchange = this.#exchange;
    const { wheel, deadlines, spool } = this.#context;
    const { bodyIntake = "whole" } = exchange.handler;
    if (bodyIntake === "parts") {
      this.#input = new RequestStream(this, spool);
      exchange.stream(this.#input);
    } else {
      this.#spool = new BodySpool(spool, this, bodyIntake);
      wheel.set(this.#deadline, deadlines.bodyMs);
    }
    void this.#pump();
  }

  /** Drops what is left: nobody reads it. Safe to call twice. */
  cancel(): void {
    if (this.#isOver) return;
    this.#end();
    this.#spool?.dispose();
    this.#input?.abort();
    void this.#reader.cancel().catch(() => {}); // A client that has left cannot be asked to stop.
  }

  onDeadline(): void {
    const message = "Cannot read a request: its body took too long, read_timeout bounds it";
    this.#context.counters.timedOut++;
    this.#refuse(new HttpError("VILYA_HTTP_TIMEOUT", 408, message));
  }

  onReadingBegun(): void {
    // A client that waits for 100 (Continue) has had it from the runtime, or begins without.
  }

  onRoom(): void {
    if (this.#isOver) return;
    const { wheel, deadlines } = this.#context;
    wheel.set(this.#deadline, deadlines.bodyMs);
    this.#resume();
  }

  onSpooled(body: SpooledBody): void {
    this.#spool = null;
    if (this.#exchange.isEnded) body.dispose();
    else this.#exchange.complete(body);
  }

  onSpoolFull(): void {
    this.#isSpoolFull = true;
  }

  onSpoolDrained(): void {
    this.#isSpoolFull = false;
    this.#resume();
  }

  onSpoolFailed(error: Error): void {
    this.#spool = null;
    this.cancel();
    this.#owner.onUploadFailed(error);
  }

  async #pump(): Promise<void> {
    try {
      while (!this.#isOver) {
        await this.#untilRoom();
        const { done, value } = await this.#reader.read();
        if (this.#hasEnded()) return;
        if (this.#exchange.isEnded) this.cancel();
        else if (done || value === undefined) this.#complete();
        else this.#take(Buffer.from(value.buffer, value.byteOffset, value.byteLength));
      }
    } catch {
      this.#lose(); // The runtime has one error for a body that breaks off, and its cause is always the client.
    }
  }

  /** Read anew after every wait, during which it may have changed. */
  #hasEnded(): boolean {
    return this.#isOver;
  }

  #take(bytes: Buffer): void {
    const bodyBytesMax = Math.min(this.#context.bodyBytesMax, this.#exchange.bodyBytesMax);
    this.#byteCount += bytes.length;
    if (this.#byteCount > bodyBytesMax) {
      this.#refuse(bodyTooLarge(bodyBytesMax));
      return;
    }
    this.#spool?.append(bytes, 0, bytes.length);
    this.#input?.append(bytes, 0, bytes.length);
  }

  /** RFC 9114 §4.1.2: a Content-Length that the content does not add up to makes the request malformed. */
  #complete(): void {
    const { contentLength } = this.#exchange.head;
    if (contentLength !== -1 && contentLength !== this.#byteCount) {
      const message =
        "Cannot take a request: its content is not as long as content-length says, nothing else is allowed";
      this.#refuse(new HttpError("VILYA_HTTP_BAD_REQUEST", 400, message));
      return;
    }
    this.#end();
    this.#spool?.end();
    this.#input?.end(null);
  }

  #refuse(error: HttpError): void {
    this.cancel();
    this.#owner.onUploadRefused(error);
  }

  #lose(): void {
    if (this.#isOver) return;
    this.#end();
    this.#spool?.dispose();
    this.#input?.abort();
    this.#owner.onUploadLost();
  }

  async #untilRoom(): Promise<void> {
    if (!this.#isSpoolFull && this.#input?.isFull !== true) return;
    if (this.#input !== null) this.#context.wheel.clear(this.#deadline);
    this.#room = Promise.withResolvers<void>();
    await this.#room.promise;
  }

  #resume(): void {
    this.#room?.resolve();
    this.#room = null;
  }

  #end(): void {
    this.#isOver = true;
    this.#context.wheel.remove(this.#deadline);
    this.#resume();
  }
}

import type { Connection } from "../../kernel/connection.ts";
import type { RequestHead } from "../../protocols/http/request-head.ts";
import { encodeRefusal } from "../../protocols/http1/refusal-encoder.ts";
import { encodeHead, encodeInterim, encodeResponseHead } from "../../protocols/http1/response-encoder.ts";
import { encodeUpgrade } from "../../protocols/http1/upgrade-encoder.ts";
import { Http1Body } from "./http1-body.ts";
import type { Http1Context } from "./http1-context.ts";
import type {
  BodyWriter,
  OutgoingHead,
  OutgoingResponse,
  RefusalOptions,
  ResponseWriter,
  Upgrade,
} from "../response-writer.ts";

/** The connection whose requests are answered. */
export interface AnsweredConnection {
  /** False for a request that has not been read to its end: what follows could not be told from the next one. */
  readonly isRequestRead: boolean;
  /** A response is complete, or cut; the connection goes on behind it, or has to end. */
  onAnswered(isKeepAlive: boolean): void;
  /** The answer that ends HTTP is written. */
  onUpgraded(takeOver: Upgrade["takeOver"]): void;
}

/**
 * The answers on one HTTP/1 connection, one at a time: whole or in parts, framed as the request that is being answered allows. RFC 9112 §6.3.
 *
 * Invariant: whether the connection goes on is decided before a head is written, and said in it.
 */
export class Http1Answers implements ResponseWriter {
  readonly #connection: Connection;
  readonly #context: Http1Context;
  readonly #owner: AnsweredConnection;
  /** The response body that is being streamed. */
  #body: Http1Body | null = null;
  #isHead = false;
  #isKeepAlive = true;
  #versionMinor: 0 | 1 = 1;
  #takesTrailers = false;

  constructor(connection: Connection, context: Http1Context, owner: AnsweredConnection) {
    this.#connection = connection;
    this.#context = context;
    this.#owner = owner;
  }

  get httpMajor(): 1 {
    return 1;
  }

  /** True while nothing but the close tells the client where its response ends. */
  get isEndedByClose(): boolean {
    return this.#body?.isEndedByClose === true;
  }

  /** True while a response has begun whose content is still to come. */
  get isUnderWay(): boolean {
    return this.#body !== null;
  }

  /** What is written from now on answers `head`. @param isLast true for the last request that the connection may carry. */
  start(head: RequestHead, isLast: boolean): void {
    this.#versionMinor = head.versionMinor;
    this.#isHead = head.isMethod("HEAD");
    this.#takesTrailers = head.takesTrailers;
    this.#isKeepAlive = head.isKeepAlive && !isLast;
  }

  /** Whatever is answered now, the connection ends behind it. */
  endConnection(): void {
    this.#isKeepAlive = false;
  }

  /** The client has caught up. */
  release(): void {
    this.#body?.release();
  }

  /** Leaves a response that has begun incomplete, visibly. */
  abort(): void {
    this.#body?.abort();
  }

  /** The connection is gone, and what was being sent with it. */
  drop(): void {
    this.#body = null;
  }

  writeResponse(response: OutgoingResponse): void {
    const { bodyBytes, bodyStart, bodyEnd } = response;
    const isKeepAlive = this.#decide();
    const framing = encodeResponseHead(this.#connection.output(), {
      status: response.status,
      fields: response.fields,
      bodyByteLength: bodyEnd - bodyStart,
      isHead: this.#isHead,
      versionMinor: this.#versionMinor,
      isKeepAlive,
      altSvc: this.#context.altSvc,
      nowMs: Date.now(),
    });
    if (framing !== null) this.#connection.write(bodyBytes, bodyStart, bodyEnd);
    this.#owner.onAnswered(isKeepAlive);
  }

  writeRefusal(status: number, options: RefusalOptions | undefined): void {
    const isKeepAlive = this.#decide();
    const { fields: ownFields = [], ...told } = options ?? {};
    encodeRefusal(this.#connection.output(), {
      ...told,
      ownFields,
      status,
      isHead: this.#isHead,
      versionMinor: this.#versionMinor,
      isKeepAlive,
      altSvc: this.#context.altSvc,
      nowMs: Date.now(),
    });
    this.#owner.onAnswered(isKeepAlive);
  }

  writeInterim({ status, fields }: OutgoingHead): void {
    // RFC 9110 §15.2: HTTP/1.0 knows no interim responses.
    if (this.#versionMinor === 1) encodeInterim(this.#connection.output(), status, fields);
  }

  beginBody(head: OutgoingHead, bodyByteLength: number, onTaken: (byteCount: number) => void): BodyWriter | null {
    const isKeepAlive = this.#decide();
    const connection = this.#connection;
    const takesTrailers = this.#takesTrailers;
    const announced = takesTrailers ? head.fields.get("trailer") : null;
    const facts = {
      status: head.status,
      fields: head.fields,
      // RFC 9112 §7.1.2: trailers have no place behind content of a known length.
      bodyByteLength: announced === null ? bodyByteLength : -1,
      isHead: this.#isHead,
      versionMinor: this.#versionMinor,
      isKeepAlive,
      altSvc: this.#context.altSvc,
      nowMs: Date.now(),
    };
    const framing = encodeHead(connection.output(), facts, announced === null ? "" : `Trailer: ${announced}\r\n`);
    if (framing === null) {
      this.#owner.onAnswered(isKeepAlive);
      return null;
    }
    const canGoOn = isKeepAlive && framing !== "close";
    const onFinish = (isComplete: boolean): void => {
      this.#body = null;
      this.#owner.onAnswered(isComplete && canGoOn);
    };
    this.#body = new Http1Body({ connection, framing, takesTrailers, onTaken, onFinish });
    return this.#body;
  }

  writeUpgrade({ protocol, ownFields, fields, takeOver }: Upgrade): void {
    this.#context.counters.responses++;
    encodeUpgrade(this.#connection.output(), { protocol, ownFields, fields });
    this.#owner.onUpgraded(takeOver);
  }

  /** Whether the connection goes on after the response that is about to be written. */
  #decide(): boolean {
    this.#context.counters.responses++;
    return this.#isKeepAlive && !this.#context.isDraining && this.#owner.isRequestRead;
  }
}

import type { Connection } from "../../kernel/connection.ts";
import { ERROR_CODE } from "../../protocols/http2/error-code.ts";
import { UINT31_MAX } from "../../protocols/http2/frame.ts";
import { encodeGoaway, encodePing } from "../../protocols/http2/frame-encoder.ts";

/** The ping that tells when a client has seen the announcement; it pings with what it likes, so any eight octets will do. */
const PING = Buffer.from("farewell");

/**
 * Leaves a connection without losing a request, in two steps (RFC 9113 §6.8): a GOAWAY that refuses nothing asks the client to open no more
 * streams; once it must have read that, as the answer to a ping behind it shows, a second one says which stream was the last.
 */
export class Http2Farewell {
  readonly #connection: Connection;
  #isAnnounced = false;
  /** The last stream that is served; none is refused before the second step. */
  lastStreamId: number = UINT31_MAX;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  get isAnnounced(): boolean {
    return this.#isAnnounced;
  }

  /** True once the second step is done. */
  get isFinal(): boolean {
    return this.lastStreamId !== UINT31_MAX;
  }

  /** The first step. */
  announce(): void {
    if (this.#isAnnounced) return;
    this.#isAnnounced = true;
    const output = this.#connection.output();
    encodeGoaway(output, UINT31_MAX, ERROR_CODE.noError);
    encodePing(output, false, PING, 0);
  }

  /** Returns whether the eight octets at `bytes[start]` answer the first step's ping: it is time for the second. */
  isAnsweredBy(bytes: Buffer, start: number): boolean {
    return this.#isAnnounced && PING.compare(bytes, start, start + PING.length) === 0;
  }

  /** The second step: `lastStreamId` is the last stream that was taken. */
  finish(lastStreamId: number): void {
    if (this.isFinal) return;
    this.#isAnnounced = true;
    this.lastStreamId = lastStreamId;
    encodeGoaway(this.#connection.output(), lastStreamId, ERROR_CODE.noError);
  }
}

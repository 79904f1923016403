import { Arena } from "../../kernel/arena.ts";
import type { FieldSink } from "../hpack/field-sink.ts";
import { hashName } from "../http/field-block.ts";
import { fieldsTooLarge, lineTooLong } from "../http/limit-errors.ts";
import { isText, isTextIgnoringCase } from "../http/octet-text.ts";
import { COLON } from "../http/octets.ts";
import { RequestHead } from "../http/request-head.ts";
import { unknownExpectation } from "../http/unsupported.ts";
import { hashFieldName, isFieldValue } from "./field-octets.ts";
import { COLON_SP_BYTES, type Http2Limits, LINE_END_BYTES, VERSION_BYTES } from "./limits.ts";
import { malformed } from "./malformed.ts";
import { PseudoFields } from "./pseudo-fields.ts";
import { applyRequest } from "./request-rules.ts";

const HOST = hashName("host");
const CONTENT_LENGTH = hashName("content-length");
const COOKIE = hashName("cookie");
const COOKIE_BYTES = "cookie".length;
const EXPECT = hashName("expect");
const TE = hashName("te");

/** Fields of one connection, which HTTP/2 has no use for: a request with one was translated carelessly, or to smuggle. RFC 9113 §8.2.2. */
const FORBIDDEN = new Map(
  ["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"].map((name) => [
    hashName(name),
    name,
  ]),
);

/** 1 where the low octet of a name's hash may need a closer look: one load clears almost every other name. */
const IS_SPECIAL = new Uint8Array(256);
for (const hash of [HOST, CONTENT_LENGTH, COOKIE, EXPECT, TE, ...FORBIDDEN.keys()]) IS_SPECIAL[hash & 0xff] = 1;

const HOST_NAME = Buffer.from("host");
const SEMICOLON_SP = Buffer.from("; ");

/** An absent field. */
const ABSENT = -1;

/**
 * Takes the header section of a request from the HPACK decoder and makes a `RequestHead` of it: the same that HTTP/1.1 would have made, with
 * `:authority` as Host in front and the parts of a split Cookie joined. RFC 9113 §8.2 and §8.3.
 *
 * Reused from request to request: the head is good until the next `start`. Invariant: what a section decodes to never takes more memory
 * than the limits allow, and the first thing wrong with it is remembered while the decoder goes on, for the sake of its table.
 */
export class RequestSection implements FieldSink {
  readonly head: RequestHead = new RequestHead();
  readonly text: Arena = new Arena(16 * 1024);
  readonly #limits: Http2Limits;
  readonly #pseudo: PseudoFields;
  #fault: Error | null = null;
  #streamId = 0;
  #lineBytes = 0;
  #isPseudoOver = false;
  #contentLength = ABSENT;
  #expect = ABSENT;
  /** Start and end of each part of the Cookie field, in turn. */
  readonly #crumbs: number[] = [];

  /** @param allowsProtocol whether SETTINGS_ENABLE_CONNECT_PROTOCOL was announced (RFC 8441 §3). */
  constructor(limits: Http2Limits, allowsProtocol: boolean) {
    this.#limits = limits;
    this.#pseudo = new PseudoFields(allowsProtocol);
  }

  /** True once something is wrong: the rest of the section is of no interest. */
  get isFull(): boolean {
    return this.#fault !== null;
  }

  /** Begins a section and forgets the last one. */
  start(streamId: number): void {
    this.#streamId = streamId;
    this.#fault = null;
    this.#lineBytes = 0;
    this.#isPseudoOver = false;
    this.#contentLength = this.#expect = ABSENT;
    this.#crumbs.length = 0;
    this.#pseudo.clear();
    this.text.truncate(this.text.start);
    this.text.writeBytes(HOST_NAME);
    this.head.fields.clear(this.text.bytes);
    this.head.takesTrailers = false;
  }

  onField(nameStart: number, valueStart: number, valueEnd: number): void {
    const { bytes } = this.text;
    if (bytes[nameStart] === COLON && valueStart > nameStart) {
      this.#takePseudo(bytes, nameStart, valueStart, valueEnd);
      return;
    }
    const hash = hashFieldName(bytes, nameStart, valueStart);
    if (hash === -1) {
      this.#malformed("a field name is not valid", "it is a token in lower case");
    } else if (!isFieldValue(bytes, valueStart, valueEnd)) {
      this.#malformed("a field value is not valid", "it has no control characters and no white space around it");
    } else if (this.#count(valueEnd - nameStart + COLON_SP_BYTES)) {
      if (!this.#isPseudoOver) this.#endPseudo();
      if (IS_SPECIAL[hash & 0xff] === 1 && this.#takeSpecial(bytes, hash, nameStart, valueStart, valueEnd)) return;
      this.#add(nameStart, valueStart, valueStart, valueEnd, hash);
    }
  }

  /**
   * Completes `head`, once the block is decoded.
   *
   * @throws {Http2StreamError} when it is malformed. @throws {HttpError} 414, 417, 431 or 501, to be answered.
   */
  finish(isEndStream: boolean): void {
    if (!this.#isPseudoOver) this.#endPseudo();
    this.#addCookie();
    if (this.#fault !== null) throw this.#fault;
    const { head } = this;
    head.bytes = head.fields.bytes = this.text.bytes; // Growing has replaced it, perhaps.
    head.expectsContinue = this.#expect !== ABSENT && !isEndStream;
    applyRequest(head, {
      streamId: this.#streamId,
      pseudo: this.#pseudo,
      contentLength: this.#contentLength,
      isEndStream,
    });
  }

  #takePseudo(bytes: Buffer, nameStart: number, valueStart: number, valueEnd: number): void {
    if (this.#isPseudoOver) {
      this.#malformed("a pseudo-header field stands behind a field", "they stand before all fields");
    } else if (!this.#pseudo.take(bytes, nameStart, valueStart, valueEnd)) {
      this.#malformed("a pseudo-header field is unknown or stands twice", "a request has each of its own once");
    } else if (this.#pseudo.requestLineBytes + VERSION_BYTES > this.#limits.requestLineBytesMax) {
      this.#fault = lineTooLong(this.#limits.requestLineBytesMax);
    }
  }

  /** The first field follows: what `:authority` says becomes Host, as a translation to HTTP/1.1 wants it (RFC 9113 §8.3.1). */
  #endPseudo(): void {
    this.#isPseudoOver = true;
    const { authorityStart, authorityEnd, hasAuthority } = this.#pseudo;
    if (!hasAuthority || !this.#count(HOST_NAME.length + COLON_SP_BYTES + authorityEnd - authorityStart)) return;
    const { start } = this.text;
    this.#add(start, start + HOST_NAME.length, authorityStart, authorityEnd, HOST);
  }

  /** Returns true when the field is dealt with and is not to be added. */
  #takeSpecial(bytes: Buffer, hash: number, nameStart: number, valueStart: number, valueEnd: number): boolean {
    const isNamed = (name: string): boolean => isText(bytes, nameStart, valueStart, name);
    switch (hash) {
      case HOST:
        return isNamed("host") && this.#takeHost(bytes, valueStart, valueEnd);
      case COOKIE:
        if (!isNamed("cookie")) return false;
        this.#crumbs.push(valueStart, valueEnd);
        return true;
      case CONTENT_LENGTH:
        if (!isNamed("content-length")) return false;
        if (this.#contentLength !== ABSENT) this.#malformed("several content-length fields", "one is allowed");
        this.#contentLength = this.head.fields.count;
        return false;
      case EXPECT:
        if (!isNamed("expect")) return false;
        if (!isTextIgnoringCase(bytes, valueStart, valueEnd, "100-continue")) this.#fault ??= unknownExpectation();
        this.#expect = this.head.fields.count;
        return false;
      case TE:
        if (!isNamed("te")) return false;
        this.head.takesTrailers = isTextIgnoringCase(bytes, valueStart, valueEnd, "trailers");
        if (!this.head.takesTrailers) {
          this.#malformed("a te field that asks for a transfer coding", "it is trailers and nothing else");
        }
        return false;
      default: {
        const forbidden = FORBIDDEN.get(hash);
        if (forbidden === undefined || !isNamed(forbidden)) return false;
        this.#malformed(`a ${forbidden} field`, "HTTP/2 has none that speak of the connection");
        return true;
      }
    }
  }

  /** A Host beside `:authority` is allowed when it says the same; then one of them is enough. */
  #takeHost(bytes: Buffer, valueStart: number, valueEnd: number): boolean {
    const pseudo = this.#pseudo;
    if (pseudo.hasAuthority) {
      const authority = bytes.toString("latin1", pseudo.authorityStart, pseudo.authorityEnd).toLowerCase();
      if (!isTextIgnoringCase(bytes, valueStart, valueEnd, authority)) {
        this.#malformed("host and :authority differ", "they say the same");
      }
      return true;
    }
    if (pseudo.hasHost) this.#malformed("several host fields", "one is allowed");
    pseudo.setHost(valueStart, valueEnd);
    return false;
  }

  /** Joins the parts of a Cookie field, which RFC 9113 §8.2.3 lets a client split: applications want one. */
  #addCookie(): void {
    const crumbs = this.#crumbs;
    if (crumbs.length === 0 || this.#fault !== null) return;
    const { text } = this;
    const { headerLineBytesMax } = this.#limits;
    let start = crumbs[0]!;
    let end = crumbs[1]!;
    if (crumbs.length > 2) {
      start = text.end;
      for (let at = 0; at < crumbs.length; at += 2) {
        if (at > 0) text.writeBytes(SEMICOLON_SP);
        text.writeBytes(text.bytes, crumbs[at], crumbs[at + 1]);
      }
      end = text.end;
    }
    if (COOKIE_BYTES + COLON_SP_BYTES + end - start > headerLineBytesMax) {
      this.#fault = fieldsTooLarge("request header", "headerLineBytesMax", headerLineBytesMax);
    } else {
      this.#add(crumbs[0]! - COOKIE_BYTES, crumbs[0]!, start, end, COOKIE);
    }
  }

  /** Counts a header line; returns whether it is within the limits. */
  #count(lineBytes: number): boolean {
    const { headerLineBytesMax, headerBytesMax } = this.#limits;
    this.#lineBytes += lineBytes + LINE_END_BYTES;
    if (lineBytes > headerLineBytesMax) {
      this.#fault ??= fieldsTooLarge("request header", "headerLineBytesMax", headerLineBytesMax);
    } else if (this.#lineBytes > headerBytesMax) {
      this.#fault ??= fieldsTooLarge("request header", "headerBytesMax", headerBytesMax);
    }
    return this.#fault === null;
  }

  #add(nameStart: number, nameEnd: number, valueStart: number, valueEnd: number, hash: number): void {
    const { headerCountMax } = this.#limits;
    const { fields } = this.head;
    if (fields.count === headerCountMax)
      this.#fault ??= fieldsTooLarge("request header", "headerCountMax", headerCountMax);
    else fields.add(nameStart, nameEnd, valueStart, valueEnd, hash);
  }

  #malformed(state: string, allowed: string): void {
    this.#fault ??= malformed(this.#streamId, state, allowed);
  }
}

import { assert } from "../../base/assert.ts";
import type { Arena } from "../../kernel/arena.ts";
import { imfFixdate } from "../http/imf-fixdate.ts";
import type { FieldBlock } from "../http/field-block.ts";
import { reasonPhrase } from "../http/status.ts";
import { encodeFields } from "./field-encoder.ts";
import { announcedLength, type BodyFraming, decideBodyFraming, type FramingFacts } from "../http/response-framing.ts";

/** A response head, and what decides the parts of it that are the engine's. */
export interface ResponseHead extends FramingFacts {
  /** True when the connection may carry another request after this one. */
  readonly isKeepAlive: boolean;
  /** The engine's Alt-Svc; an application's own wins over it. Default: none. */
  readonly altSvc?: string | null;
  /** The time for Date, in milliseconds since 1970; an application's own Date wins over it. */
  readonly nowMs: number;
}

const CONTENT_LENGTH = Buffer.from("Content-Length: ");
const CHUNKED = Buffer.from("Transfer-Encoding: chunked\r\n");
const CLOSE = Buffer.from("Connection: close\r\n");
const KEEP_ALIVE = Buffer.from("Connection: keep-alive\r\n");
const DATE = Buffer.from("Date: ");
const ALT_SVC = Buffer.from("Alt-Svc: ");
const CONTINUE = Buffer.from("HTTP/1.1 100 Continue\r\n\r\n");
const CR_LF = 0x0d0a;

/** By status, filled as they are needed: at most 900. */
const statusLines: (Buffer | undefined)[] = Array.from({ length: 1000 });

/**
 * Appends the head of a final response: status line, the application's fields without those of the connection, then Date, the framing and
 * the persistence that the engine decided on. Always as HTTP/1.1, the version we speak (RFC 9110 §6.2), and without a Server field.
 *
 * @param head `status` is 200 to 999, and `fields` are validated by whoever filled them.
 * @returns how to send the body, `null` when none follows. After `close` the connection is closed whatever `isKeepAlive` was.
 */
export function encodeResponseHead(arena: Arena, head: ResponseHead): BodyFraming | null {
  return encodeHead(arena, head, "");
}

/** As `encodeResponseHead`, with `ownLines` of the engine's: latin-1 text, each line with its CR LF. */
export function encodeHead(arena: Arena, head: ResponseHead, ownLines: string): BodyFraming | null {
  const { status, fields, versionMinor, nowMs } = head;
  assert(status >= 200 && status <= 999, "a final response has a status of 200 to 999");
  arena.writeBytes(statusLine(status));
  if (fields !== null) encodeFields(arena, fields);
  if (ownLines !== "") arena.writeLatin1(ownLines);
  if (fields === null || fields.find("date", 0) === -1) {
    arena.writeBytes(DATE);
    arena.writeBytes(imfFixdate(nowMs));
    arena.writeUint16(CR_LF);
  }
  if (head.altSvc && (fields === null || fields.find("alt-svc", 0) === -1)) {
    arena.writeBytes(ALT_SVC);
    arena.writeLatin1(head.altSvc);
    arena.writeUint16(CR_LF);
  }

  const framing = decideBodyFraming(head);
  const length = announcedLength(head);
  if (length >= 0) {
    arena.writeBytes(CONTENT_LENGTH);
    arena.writeDecimal(length);
    arena.writeUint16(CR_LF);
  } else if (framing === "chunked") {
    arena.writeBytes(CHUNKED);
  }
  if (!head.isKeepAlive || framing === "close") arena.writeBytes(CLOSE);
  else if (versionMinor === 0) arena.writeBytes(KEEP_ALIVE);
  arena.writeUint16(CR_LF);
  return framing;
}

/**
 * Appends an interim response, such as 103 with its Link fields. Not for HTTP/1.0 clients, who know none (RFC 9110 §15.2), and not for 101,
 * which ends HTTP on the connection.
 */
export function encodeInterim(arena: Arena, status: number, fields: FieldBlock | null): void {
  assert(status >= 100 && status <= 199 && status !== 101, "an interim response has a status of 1xx other than 101");
  arena.writeBytes(statusLine(status));
  if (fields !== null) encodeFields(arena, fields);
  arena.writeUint16(CR_LF);
}

/** Appends `100 Continue`: the client may send the body it announced. RFC 9110 §10.1.1. */
export function encodeContinue(arena: Arena): void {
  arena.writeBytes(CONTINUE);
}

function statusLine(status: number): Buffer {
  return (statusLines[status] ??= Buffer.from(`HTTP/1.1 ${status} ${reasonPhrase(status)}\r\n`, "latin1"));
}

import { assert } from "../../base/assert.ts";
import type { Arena } from "../../kernel/arena.ts";
import { encodeField, encodeIndexed, encodeNoTable, encodeStaticName, encodeString } from "../hpack/hpack-encoder.ts";
import { staticIndexOf } from "../hpack/static-table.ts";
import { imfFixdate } from "../http/imf-fixdate.ts";
import type { FieldBlock } from "../http/field-block.ts";
import { isConnectionField, isNominated } from "../http/field-rules.ts";
import { announcedLength, decideBodyFraming, type FramingFacts } from "../http/response-framing.ts";
import { FRAME_FLAG, FRAME_HEADER_BYTES, FRAME_PAYLOAD_BYTES, FRAME_TYPE } from "./frame.ts";
import { encodeFrameHeader, patchFrameLength } from "./frame-encoder.ts";

/** A response head, and what decides the parts of it that are the engine's. */
export interface Http2ResponseHead extends FramingFacts {
  readonly streamId: number;
  /** True when the client has made its header table smaller since the last block. Default: false. */
  readonly isTableDenied?: boolean;
  /** The engine's Alt-Svc; an application's own wins over it. Default: none. */
  readonly altSvc?: string | null;
  /** The time for Date, in milliseconds since 1970; an application's own Date wins over it. */
  readonly nowMs: number;
}

/** Fields of the engine's own: names are tokens, their case does not matter, values latin-1 without control characters. */
export type OwnFields = readonly (readonly [name: string, value: string])[];

const NO_FIELDS: OwnFields = [];

const STATUS = staticIndexOf(":status");
const CONTENT_LENGTH = staticIndexOf("content-length");
const DATE = staticIndexOf("date");

/** The statuses that stand in the static table, and where. RFC 7541 appendix A. */
const STATIC_STATUSES = [200, 204, 206, 304, 400, 404, 500];
const staticStatusIndex = new Map(STATIC_STATUSES.map((status, position) => [status, STATUS + position]));

/**
 * Appends the head of a final response as one HEADERS frame, with CONTINUATION frames behind it where it is longer than a frame: status, the
 * application's fields without those of the connection, then Date and Content-Length as the engine decides.
 *
 * @param head `status` is 200 to 999, and `fields` are validated by whoever filled them.
 * @returns whether content follows; otherwise the frame has ended the stream.
 */
export function encodeResponseHead(arena: Arena, head: Http2ResponseHead, ownFields: OwnFields = NO_FIELDS): boolean {
  const { status, fields } = head;
  assert(status >= 200 && status <= 999, "a final response has a status of 200 to 999");
  const hasContent = decideBodyFraming(head) !== null && head.bodyByteLength !== 0;
  const headerOffset = arena.end;
  encodeFrameHeader(arena, 0, FRAME_TYPE.headers, 0, head.streamId);
  if (head.isTableDenied === true) encodeNoTable(arena);
  encodeStatus(arena, status);
  if (fields !== null) encodeFields(arena, fields);
  for (const [name, value] of ownFields) encodeOwnField(arena, name.toLowerCase(), value);
  if (fields === null || fields.find("date", 0) === -1) {
    const date = imfFixdate(head.nowMs);
    encodeStaticName(arena, DATE);
    encodeString(arena, date, 0, date.length);
  }
  if (head.altSvc && (fields === null || fields.find("alt-svc", 0) === -1)) {
    encodeOwnField(arena, "alt-svc", head.altSvc);
  }
  const length = announcedLength(head);
  if (length >= 0) encodeText(arena, CONTENT_LENGTH, String(length));
  closeBlock(arena, headerOffset, hasContent ? 0 : FRAME_FLAG.endStream, head.streamId);
  return hasContent;
}

/** An interim response, such as 103 with its Link fields. RFC 9110 §15.2. */
export interface Http2InterimHead {
  readonly streamId: number;
  /** As of a final response. */
  readonly isTableDenied?: boolean;
  /** 1xx other than 101. */
  readonly status: number;
  readonly fields: FieldBlock | null;
}

/** Appends an interim response. */
export function encodeInterim(arena: Arena, { streamId, isTableDenied, status, fields }: Http2InterimHead): void {
  assert(status >= 100 && status <= 199 && status !== 101, "an interim response has a status of 1xx other than 101");
  const headerOffset = arena.end;
  encodeFrameHeader(arena, 0, FRAME_TYPE.headers, 0, streamId);
  if (isTableDenied === true) encodeNoTable(arena);
  encodeStatus(arena, status);
  if (fields !== null) encodeFields(arena, fields);
  closeBlock(arena, headerOffset, 0, streamId);
}

/** Trailers, which end a stream behind its content. RFC 9113 §8.1. */
export interface Http2Trailers {
  readonly streamId: number;
  /** As of a response's head. */
  readonly isTableDenied?: boolean;
  /** They may be sent as trailers, at least one. */
  readonly fields: FieldBlock;
}

/** Appends trailers. */
export function encodeTrailers(arena: Arena, { streamId, isTableDenied, fields }: Http2Trailers): void {
  const headerOffset = arena.end;
  encodeFrameHeader(arena, 0, FRAME_TYPE.headers, 0, streamId);
  if (isTableDenied === true) encodeNoTable(arena);
  encodeFields(arena, fields);
  closeBlock(arena, headerOffset, FRAME_FLAG.endStream, streamId);
}

function encodeStatus(arena: Arena, status: number): void {
  const index = staticStatusIndex.get(status);
  if (index !== undefined) encodeIndexed(arena, index);
  else encodeText(arena, STATUS, String(status));
}

/** The engine frames messages and keeps connections, an application cannot: not by such a field, nor by what its Connection nominates. */
function encodeFields(arena: Arena, fields: FieldBlock): void {
  const connection = fields.find("connection", 0);
  for (let index = 0; index < fields.count; index++) {
    if (isConnectionField(fields, index)) continue;
    if (connection !== -1 && isNominated(fields, index, connection)) continue;
    encodeField(arena, fields, index);
  }
}

function encodeOwnField(arena: Arena, lowerCaseName: string, value: string): void {
  encodeStaticName(arena, staticIndexOf(lowerCaseName));
  if (staticIndexOf(lowerCaseName) === 0) encodeLatin1(arena, lowerCaseName);
  encodeLatin1(arena, value);
}

function encodeLatin1(arena: Arena, text: string): void {
  const bytes = Buffer.from(text, "latin1");
  encodeString(arena, bytes, 0, bytes.length);
}

/** @param value ASCII of less than 127 octets. */
function encodeText(arena: Arena, nameIndex: number, value: string): void {
  encodeStaticName(arena, nameIndex);
  arena.writeUint8(value.length);
  arena.writeLatin1(value);
}

/** Completes the frame at `headerOffset`, whose payload ends the arena, and cuts it in frames where it is too long for one. RFC 9113 §6.10. */
function closeBlock(arena: Arena, headerOffset: number, flags: number, streamId: number): void {
  const blockStart = headerOffset + FRAME_HEADER_BYTES;
  if (arena.end - blockStart <= FRAME_PAYLOAD_BYTES) {
    arena.bytes[headerOffset + 4] = flags | FRAME_FLAG.endHeaders;
    patchFrameLength(arena, headerOffset);
    return;
  }
  const rest = Buffer.from(arena.bytes.subarray(blockStart + FRAME_PAYLOAD_BYTES, arena.end));
  arena.truncate(blockStart + FRAME_PAYLOAD_BYTES);
  arena.bytes[headerOffset + 4] = flags;
  patchFrameLength(arena, headerOffset);
  for (let at = 0; at < rest.length; at += FRAME_PAYLOAD_BYTES) {
    const end = Math.min(at + FRAME_PAYLOAD_BYTES, rest.length);
    const endHeaders = end === rest.length ? FRAME_FLAG.endHeaders : 0;
    encodeFrameHeader(arena, end - at, FRAME_TYPE.continuation, endHeaders, streamId);
    arena.writeBytes(rest, at, end);
  }
}

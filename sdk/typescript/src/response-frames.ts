import { describeError } from "./describe-error.ts";
import type { EngineLink } from "./engine-link.ts";
import { type FieldList, fieldListOf, hasField } from "./field-list.ts";
import { writeFields } from "./field-writer.ts";
import type { FrameWriter } from "./frame-writer.ts";

/** Names one answer on the connection. */
export interface FrameTarget {
  readonly id: number;
  readonly link: EngineLink;
}

/** Sends a response in one frame. @throws {FrameTooLargeError} */
export function sendWhole(
  { id, link }: FrameTarget,
  { status, fields }: ResponseHead,
  body: Uint8Array | string,
): void {
  const { writer } = link;
  writer.begin(4);
  writeId(writer, id);
  writeStatus(writer, status);
  writeFields(writer, "headers", fields);
  writer.key("body");
  if (typeof body === "string") writer.text(body);
  else writer.bin(body);
  writer.end();
  link.flushSoon();
}

/** The part of a response that comes before its body. */
export interface ResponseHead {
  readonly status: number;
  readonly fields: FieldList;
}

/** Begins a response in parts; `byteLength` is that of its body where it is known. */
export function sendHead(
  { id, link }: FrameTarget,
  { status, fields }: ResponseHead,
  byteLength: number | null = null,
): void {
  const { writer } = link;
  const isLengthMissing = byteLength !== null && !hasField(fields, "Content-Length");
  writer.begin(4);
  writeType(writer, "head");
  writeId(writer, id);
  writeStatus(writer, status);
  writeFields(writer, "headers", isLengthMissing ? [...fields, ["Content-Length", String(byteLength)]] : fields);
  writer.end();
  link.flushSoon();
}

/** Sends the next bytes of a body, for which there is credit. */
export function sendChunk({ id, link }: FrameTarget, bytes: Uint8Array): void {
  const { writer } = link;
  writer.begin(3);
  writeType(writer, "chunk");
  writeId(writer, id);
  writer.key("body");
  writer.bin(bytes);
  writer.end();
  link.flushSoon();
}

/** Has the client told that the app has failed, and the log why. */
export function sendError({ id, link }: FrameTarget, error: unknown): void {
  const { writer } = link;
  writer.begin(2);
  writeId(writer, id);
  writer.key("error");
  writer.text(describeError(error));
  writer.end();
  link.flushSoon();
}

/** Sends early hints. */
export function sendInterim({ id, link }: FrameTarget, headers: Headers): void {
  const { writer } = link;
  writer.begin(4);
  writeType(writer, "interim");
  writeId(writer, id);
  writeStatus(writer, 103);
  writeFields(writer, "headers", fieldListOf(headers));
  writer.end();
  link.flushSoon();
}

/** Accepts a WebSocket. `protocol` is empty for none. */
export function sendSwitch({ id, link }: FrameTarget, headers: Headers, protocol: string): void {
  const { writer } = link;
  writer.begin(protocol === "" ? 4 : 5);
  writeType(writer, "head");
  writeId(writer, id);
  writeStatus(writer, 101);
  writeFields(writer, "headers", fieldListOf(headers));
  if (protocol !== "") {
    writer.key("protocol");
    writer.text(protocol);
  }
  writer.end();
  link.flushSoon();
}

function writeType(writer: FrameWriter, type: string): void {
  writer.key("type");
  writer.text(type);
}

function writeId(writer: FrameWriter, id: number): void {
  writer.key("id");
  writer.uint(id);
}

function writeStatus(writer: FrameWriter, status: number): void {
  writer.key("status");
  writer.uint(status);
}

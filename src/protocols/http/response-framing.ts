import { decodeDecimal } from "./decimal.ts";
import type { FieldBlock } from "./field-block.ts";
import { isBodylessStatus } from "./status.ts";

/** How the client learns where a body ends: by its announced length, by the last chunk, or by the close of the connection (HTTP/1.0). */
export type BodyFraming = "length" | "chunked" | "close";

/** What the framing of a response follows from. */
export interface FramingFacts {
  /** 200 to 999. */
  readonly status: number;
  /** The application's fields; of them Content-Length counts, and only where there is no content to measure. */
  readonly fields: FieldBlock | null;
  /** Bytes of content; -1 when they are not known before the last is there. */
  readonly bodyByteLength: number;
  /** True when HEAD was asked. */
  readonly isHead: boolean;
  /** Of the client. */
  readonly versionMinor: 0 | 1;
}

/** RFC 9110 §15.3.6: 205 has no content, and says so. */
const RESET_CONTENT = 205;

/** Returns how to send the body, or `null` when none follows the head. RFC 9112 §6.3. */
export function decideBodyFraming({ status, bodyByteLength, isHead, versionMinor }: FramingFacts): BodyFraming | null {
  if (isHead || status === RESET_CONTENT || isBodylessStatus(status)) return null;
  if (bodyByteLength >= 0) return "length";
  return versionMinor === 1 ? "chunked" : "close";
}

/**
 * Returns the value of Content-Length, or -1 when the field is left out. Where content is sent it is the content's own length. To HEAD, and
 * in a 304, it is what the application says of the content it does not send; RFC 9110 §8.6 wants it right or absent, so an empty answer to
 * HEAD that says nothing gets no `0`.
 */
export function announcedLength(facts: FramingFacts): number {
  const { status, bodyByteLength, isHead } = facts;
  if (status === RESET_CONTENT) return 0;
  if (status === 304) return statedLength(facts.fields);
  if (isBodylessStatus(status)) return -1;
  if (!isHead) return bodyByteLength;
  const stated = statedLength(facts.fields);
  return stated === -1 && bodyByteLength > 0 ? bodyByteLength : stated;
}

/** The one Content-Length among an application's `fields`; -1 when there is none, several, or no number. */
export function statedLength(fields: FieldBlock | null): number {
  if (fields === null) return -1;
  const index = fields.find("content-length", 0);
  if (index === -1 || fields.find("content-length", index + 1) !== -1) return -1;
  return decodeDecimal(fields.bytes, fields.valueStart(index), fields.valueEnd(index));
}

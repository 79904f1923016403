import type { Segments } from "../../kernel/segments.ts";
import { CR, LF } from "../http/octets.ts";
import type { RequestHead } from "../http/request-head.ts";
import { FieldLinesDecoder } from "./field-lines-decoder.ts";
import type { HttpLimits } from "./limits.ts";
import { misplaced } from "./refusal.ts";
import { applyFields } from "./request-fields.ts";
import { decodeRequestLine } from "./request-line.ts";
import { isLineUnfinished } from "./unfinished-line.ts";

/** What one empty line before a request takes; RFC 9112 §2.2 wants at least one to be ignored, and more are refused. */
const EMPTY_LINE_BYTES = 2;

/**
 * Decodes the heads of HTTP/1.x requests, in one pass over the bytes and without making a string or a view. One serves every connection of
 * a listener: it keeps nothing between calls.
 *
 * Invariant: a head that is accepted is well formed and has one possible framing, and what is accepted, refused and why depends on the
 * bytes alone, never on how they were split. When a fault shows may depend on it: at the latest at the end of its line.
 */
export class HeadDecoder {
  readonly #limits: HttpLimits;
  readonly #fieldLines: FieldLinesDecoder;

  constructor(limits: HttpLimits) {
    this.#limits = limits;
    this.#fieldLines = new FieldLinesDecoder({
      subject: "request header",
      lineBytesMax: limits.headerLineBytesMax,
      countMax: limits.headerCountMax,
      sectionBytesMax: limits.headerBytesMax,
    });
  }

  /**
   * Decodes the head at the start of `segments` into `head` and consumes nothing.
   *
   * @param progress 0 for a new head; after a negative result that result, once more bytes have arrived.
   * @returns the byte length of the head, its empty lines before and after included; negative when more bytes are needed, and then what is
   *   in `head` means nothing.
   * @throws {HttpError} 400, 414, 417, 431, 501 or 505; the connection closes after the answer.
   */
  decode(segments: Segments, head: RequestHead, progress: number): number {
    const { bytes, start, end } = segments;
    if (progress < 0 && this.#isUnfinished(bytes, start, end, -1 - progress)) return progress;

    const lineStart = skipEmptyLine(bytes, start, end);
    if (lineStart === -1) return -1;
    head.bytes = bytes;
    head.authorityStart = head.authorityEnd = 0;
    head.fields.clear(bytes);
    const fieldsStart = decodeRequestLine(bytes, lineStart, end, head, this.#limits.requestLineBytesMax);
    if (fieldsStart < 0) return start + fieldsStart;
    const headEnd = this.#fieldLines.decode(bytes, fieldsStart, end, head.fields);
    if (headEnd < 0) return start + headEnd;
    applyFields(head);
    return headEnd - start;
  }

  /** A negative progress is `-1` minus the offset, from the start of the head, of the line that was not complete. */
  #isUnfinished(bytes: Buffer, start: number, end: number, lineOffset: number): boolean {
    if (lineOffset > EMPTY_LINE_BYTES) return this.#fieldLines.isUnfinished(bytes, start + lineOffset, end);
    return isLineUnfinished(bytes, start + lineOffset, end, this.#limits.requestLineBytesMax);
  }
}

/** The offset of the request line, or -1 when it cannot be told yet. */
function skipEmptyLine(bytes: Buffer, start: number, end: number): number {
  if (start === end) return -1;
  if (bytes[start] !== CR) return start;
  if (start + 1 === end) return -1;
  if (bytes[start + 1] !== LF) throw misplaced(CR, "request line", "an empty line");
  return start + EMPTY_LINE_BYTES;
}

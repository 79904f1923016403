import type { Segments } from "../../kernel/segments.ts";
import { FieldBlock } from "../http/field-block.ts";
import { CR, LF } from "../http/octets.ts";
import { FieldLinesDecoder } from "./field-lines-decoder.ts";
import type { HttpLimits } from "./limits.ts";
import { ambiguous } from "./refusal.ts";

/**
 * Trailer fields that would frame or route the message after the fact. RFC 9110 §6.5.1 forbids to send them, and only an attack gains by it;
 * any other misplaced name is harmless as long as nobody merges trailers into the head.
 */
const FORBIDDEN_NAMES = ["content-length", "host", "transfer-encoding"];

/**
 * Decodes the trailer section that ends a chunked body (RFC 9112 §7.1.2), by the rules of header fields. It consumes the section at once,
 * when it is complete: until then it waits in the segments, bounded by `trailerBytesMax` and one line.
 */
export class TrailerDecoder {
  /** The fields of the section just decoded, `null` when it has none or is not complete: valid until the connection reads on. */
  fields: FieldBlock | null = null;
  #block: FieldBlock | null = null;
  /** As `HeadDecoder.decode` has it: 0 at the beginning, else -1 minus the offset of the line that was not complete. */
  #progress = 0;
  readonly #lines: FieldLinesDecoder;

  constructor(limits: HttpLimits) {
    this.#lines = new FieldLinesDecoder({
      subject: "trailer",
      lineBytesMax: limits.headerLineBytesMax,
      countMax: limits.headerCountMax,
      sectionBytesMax: limits.trailerBytesMax,
    });
  }

  /** Begins a section and forgets the last one. */
  start(): void {
    this.fields = null;
    this.#progress = 0;
  }

  /**
   * @returns true when the section is complete and consumed.
   * @throws {HttpError} 400 or 431.
   */
  decode(segments: Segments): boolean {
    const { bytes, start, end } = segments;
    if (end - start >= 2 && bytes[start] === CR && bytes[start + 1] === LF) {
      segments.consume(2);
      return true;
    }
    if (this.#progress < 0 && this.#lines.isUnfinished(bytes, start - 1 - this.#progress, end)) return false;
    const block = (this.#block ??= new FieldBlock(8));
    block.clear(bytes);
    const sectionEnd = this.#lines.decode(bytes, start, end, block);
    if (sectionEnd < 0) {
      this.#progress = start + sectionEnd;
      return false;
    }
    for (const name of FORBIDDEN_NAMES) {
      if (block.find(name, 0) !== -1) throw ambiguous(`${name} in the trailer section`, "it belongs to the head");
    }
    segments.consume(sectionEnd - start);
    this.fields = block;
    return true;
  }
}

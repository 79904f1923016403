import type { FieldBlock } from "../http/field-block.ts";
import { FIELD_VALUE, TOKEN } from "../http/field-rules.ts";
import { COLON, CR, HTAB, LF, SP } from "../http/octets.ts";
import { fieldsTooLarge } from "../http/limit-errors.ts";
import { malformed, misplaced } from "./refusal.ts";
import { isLineUnfinished } from "./unfinished-line.ts";

/** Bounds of one section; each is named in the error that reports it. */
export interface FieldSectionLimits {
  readonly subject: "request header" | "response header" | "trailer";
  /** One line without its line end. */
  readonly lineBytesMax: number;
  readonly countMax: number;
  /** All lines with their line ends, without the empty line that ends the section. */
  readonly sectionBytesMax: number;
}

/**
 * Decodes field lines up to and including the empty line that ends them: the header section of a request, the trailer section of a chunked
 * body. RFC 9112 §5 to the letter: no obs-fold, no white space before the colon, CR LF only.
 *
 * One pass validates every octet and hashes the names. It owns no state between calls, and every check depends on the bytes before it alone,
 * so that the outcome does not depend on how the bytes were split.
 */
export class FieldLinesDecoder {
  readonly #limits: FieldSectionLimits;
  readonly #lineBytesMax: number;
  readonly #sectionBytesMax: number;

  constructor(limits: FieldSectionLimits) {
    this.#limits = limits;
    this.#lineBytesMax = limits.lineBytesMax;
    this.#sectionBytesMax = limits.sectionBytesMax;
  }

  /**
   * Fills `fields`, which the caller has cleared, from the section that starts at `start`.
   *
   * @returns the offset after the section, or `-1 - lineStart` when the line that starts there is not complete.
   * @throws {HttpError} 400 or 431.
   */
  decode(bytes: Buffer, start: number, end: number, fields: FieldBlock): number {
    // The CR of a last line that fills the section stands two bytes before its end.
    const sectionStop = start + this.#sectionBytesMax - 1;
    let at = start;
    for (;;) {
      const lineStart = at;
      if (at >= end) return -1 - lineStart;
      if (bytes[at] === CR) return this.#endOfSection(bytes, at, end);
      if (fields.count === this.#limits.countMax) throw this.#tooMany();
      const stop = Math.min(end, lineStart + this.#lineBytesMax + 1, sectionStop);

      let hash = 0;
      let octet = 0;
      for (; at < stop && TOKEN[(octet = bytes[at]!)] === 1; at++) hash = (Math.imul(hash, 31) + (octet | 0x20)) | 0;
      if (at >= stop) return this.#unfinished(at, lineStart, sectionStop);
      if (octet !== COLON || at === lineStart) throw this.#badName(octet, at === lineStart, fields.count);
      const nameEnd = at++;

      while (at < stop && ((octet = bytes[at]!) === SP || octet === HTAB)) at++;
      const valueStart = at;
      while (at < stop && FIELD_VALUE[(octet = bytes[at]!)] === 1) at++;
      if (at >= stop) return this.#unfinished(at, lineStart, sectionStop);
      if (octet !== CR) throw misplaced(octet, this.#limits.subject, "a field value");
      if (at + 1 === end) return -1 - lineStart;
      if (bytes[at + 1] !== LF) throw misplaced(CR, this.#limits.subject, "a field value");

      let valueEnd = at;
      while (valueEnd > valueStart && ((octet = bytes[valueEnd - 1]!) === SP || octet === HTAB)) valueEnd--;
      fields.add(lineStart, nameEnd, valueStart, valueEnd, hash >>> 0);
      at += 2;
    }
  }

  /** True while calling `decode` again is of no use; `lineStart` is that of the line it found incomplete. */
  isUnfinished(bytes: Buffer, lineStart: number, end: number): boolean {
    return isLineUnfinished(bytes, lineStart, end, this.#lineBytesMax);
  }

  #endOfSection(bytes: Buffer, at: number, end: number): number {
    if (at + 1 === end) return -1 - at;
    if (bytes[at + 1] !== LF) throw misplaced(CR, this.#limits.subject, "a field name");
    return at + 2;
  }

  /** The scan stopped before the line ended: for want of bytes, or at a limit. */
  #unfinished(at: number, lineStart: number, sectionStop: number): number {
    const { subject, lineBytesMax, sectionBytesMax } = this.#limits;
    if (at > lineStart + lineBytesMax) throw fieldsTooLarge(subject, "headerLineBytesMax", lineBytesMax);
    if (at >= sectionStop) {
      const limit = subject === "trailer" ? "trailerBytesMax" : "headerBytesMax";
      throw fieldsTooLarge(subject, limit, sectionBytesMax);
    }
    return -1 - lineStart;
  }

  #tooMany(): Error {
    return fieldsTooLarge(this.#limits.subject, "headerCountMax", this.#limits.countMax);
  }

  #badName(octet: number, isFirst: boolean, index: number): Error {
    const { subject } = this.#limits;
    if (octet === COLON) return malformed(subject, "a field without a name", "a name is at least one octet");
    if (octet === SP || octet === HTAB) {
      if (!isFirst) return malformed(subject, "white space before a colon", "a name is followed by its colon at once");
      return index === 0
        ? malformed(subject, "white space before the first field", "a line starts with a name")
        : malformed(subject, "a folded line", "a value is on one line");
    }
    // Whatever follows it: a line end here leaves a line without a colon.
    if (octet === CR) return malformed(subject, "a line that ends in its name", "a name is followed by its colon");
    return misplaced(octet, subject, "a field name");
  }
}

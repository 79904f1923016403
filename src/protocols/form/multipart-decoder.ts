import { Arena } from "../../kernel/arena.ts";
import { CR, LF } from "../http/octets.ts";
import { type FormLimits, formTooLarge, invalidForm } from "./form-limits.ts";
import { type PartHead, readPartHead } from "./part-head.ts";

/** Where the parts of a form go. */
export interface MultipartSink {
  onPart(head: PartHead): void;
  /** The next bytes of that part's content, never none; valid during the call. */
  onPartBytes(bytes: Buffer, start: number, end: number): void;
  onPartEnd(): void;
}

const HYPHEN = 0x2d;
const SP = 0x20;
const TAB = 0x09;

/** Spaces behind a boundary, which mail has put there (RFC 2046 §5.1.1). */
const PADDING_BYTES_MAX = 64;

const LINE_END_BYTES = 2;

/** Of the last line's end and of the empty line's, with which a header ends. */
const HEADER_END_BYTES = 2 * LINE_END_BYTES;

/** What the decoder is in: text before the first boundary, the rest of a boundary's line, a header, a content, or what nobody reads. */
type Phase = "preamble" | "line" | "header" | "content" | "epilogue";

/**
 * Decodes one body of `multipart/form-data` (RFC 7578, RFC 2046 §5.1), strictly: what two readers could understand in two ways is refused.
 *
 * Invariant: it keeps one unfinished header, within its limit, and of content at most as much as could be a boundary, by its length alone.
 * It resumes after any byte, and work is linear in the bytes received.
 */
export class MultipartDecoder {
  readonly #limits: Pick<FormLimits, "partHeaderBytesMax" | "nameBytesMax">;
  readonly #sink: MultipartSink;
  /** CR LF, two hyphens, the boundary: CR stands in it once, so what turns out not to be one is content up to the next CR. */
  readonly #delimiter: Buffer;
  /** Bytes of the delimiter that the input has ended with. */
  #matchedCount = LINE_END_BYTES;
  /** Of those, what never was in the input: a body begins with a delimiter that lacks its line end, which belongs to what is before. */
  #assumedCount = LINE_END_BYTES;
  #phase: Phase = "preamble";
  readonly #header = new Arena();
  /** What has been read of the line behind a boundary. */
  #lineBytes = 0;
  #lineLast = 0;

  constructor(boundary: string, limits: Pick<FormLimits, "partHeaderBytesMax" | "nameBytesMax">, sink: MultipartSink) {
    this.#delimiter = Buffer.from(`\r\n--${boundary}`, "latin1");
    this.#limits = limits;
    this.#sink = sink;
  }

  /** Takes the next bytes. @throws {HttpError} 400 or 413; nothing may follow then. */
  decode(bytes: Buffer, start: number, end: number): void {
    const within = end === bytes.length ? bytes : bytes.subarray(0, end); // A search must not go past the end.
    for (let at = start; at < end;) {
      switch (this.#phase) {
        case "preamble":
        case "content":
          at = this.#readContent(within, at);
          break;
        case "line":
          this.#readLine(within[at++]!);
          break;
        case "header":
          at = this.#readHeader(within, at);
          break;
        case "epilogue":
          return;
      }
    }
  }

  /** The body is complete. @throws {HttpError} 400 when the form is not. */
  end(): void {
    if (this.#phase !== "epilogue")
      throw invalidForm("its body ends before its last boundary", "a whole form is allowed");
  }

  /** Hands on what is content, up to the next boundary; returns where it stopped. */
  #readContent(bytes: Buffer, start: number): number {
    let at = start;
    if (this.#matchedCount > 0) {
      const before = this.#matchedCount;
      at = this.#match(bytes, start);
      if (this.#isMatched) return this.#endContent(at);
      if (this.#matchedCount > 0) return at;
      // Not one after all.
      this.#pass(this.#delimiter, this.#assumedCount, before + at - start);
    }
    this.#assumedCount = 0;
    const from = at;
    for (;;) {
      const lineEnd = bytes.indexOf(CR, at);
      if (lineEnd === -1) break;
      at = this.#match(bytes, lineEnd);
      if (this.#matchedCount === 0) continue;
      this.#pass(bytes, from, lineEnd);
      return this.#isMatched ? this.#endContent(at) : at;
    }
    this.#pass(bytes, from, bytes.length);
    return bytes.length;
  }

  get #isMatched(): boolean {
    return this.#matchedCount === this.#delimiter.length;
  }

  /** Goes on matching the delimiter; returns where the bytes or the delimiter end, or, with nothing matched then, where they differ. */
  #match(bytes: Buffer, start: number): number {
    const delimiter = this.#delimiter;
    let at = start;
    while (at < bytes.length && !this.#isMatched) {
      if (bytes[at] !== delimiter[this.#matchedCount]) {
        this.#matchedCount = 0;
        return at;
      }
      this.#matchedCount++;
      at++;
    }
    return at;
  }

  #pass(bytes: Buffer, start: number, end: number): void {
    if (this.#phase === "content" && end > start) this.#sink.onPartBytes(bytes, start, end);
  }

  #endContent(at: number): number {
    if (this.#phase === "content") {
      // Some readers take it for the end of the part, and some for its content.
      if (this.#assumedCount > 0)
        throw invalidForm("a part begins with the boundary", "a line end is allowed before it");
      this.#sink.onPartEnd();
    }
    this.#matchedCount = this.#assumedCount = 0;
    this.#lineBytes = this.#lineLast = 0;
    this.#phase = "line";
    return at;
  }

  /** Behind a boundary: two hyphens for the last one, or a line end. */
  #readLine(octet: number): void {
    const last = this.#lineLast;
    this.#lineLast = octet;
    this.#lineBytes++;
    if (this.#lineBytes === 2 && last === HYPHEN && octet === HYPHEN) {
      this.#phase = "epilogue";
    } else if (last === CR && octet === LF) {
      this.#header.truncate(0);
      this.#phase = "header";
    } else if (last === CR || !isAllowedBehind(octet, this.#lineBytes) || (last === HYPHEN && this.#lineBytes === 2)) {
      throw invalidForm(
        "more than its boundary stands in a boundary's line",
        "CR LF or two hyphens are allowed behind it",
      );
    }
  }

  /** Gathers the header up to its empty line; returns where it stopped. */
  #readHeader(bytes: Buffer, start: number): number {
    const header = this.#header;
    const { partHeaderBytesMax, nameBytesMax } = this.#limits;
    for (let at = start; at < bytes.length; at++) {
      const octet = bytes[at]!;
      const isAfterCr = header.byteLength > 0 && header.bytes[header.end - 1] === CR;
      if (isAfterCr !== (octet === LF) || octet === 0) {
        throw invalidForm(
          "a line of a part's header ends without CR LF, or has a NUL",
          "lines that end with CR LF are allowed",
        );
      }
      header.reserve(1);
      header.bytes[header.end++] = octet;
      if (header.byteLength > partHeaderBytesMax) throw formTooLarge("max_header_size", partHeaderBytesMax);
      if (octet !== LF || !this.#isHeaderComplete()) continue;
      const head = readPartHead(header.bytes, header.start, header.end - HEADER_END_BYTES, nameBytesMax);
      this.#phase = "content";
      this.#matchedCount = this.#assumedCount = LINE_END_BYTES;
      this.#sink.onPart(head);
      return at + 1;
    }
    return bytes.length;
  }

  #isHeaderComplete(): boolean {
    const { bytes, end, byteLength } = this.#header;
    if (byteLength === 2)
      throw invalidForm("of one of its parts the header is empty", "a Content-Disposition is needed");
    return byteLength >= HEADER_END_BYTES && bytes[end - 4] === CR && bytes[end - 3] === LF && bytes[end - 2] === CR;
  }
}

/** RFC 2046 §5.1.1 lets white space follow a boundary. */
function isAllowedBehind(octet: number, lineBytes: number): boolean {
  if (octet === CR) return true;
  if (octet === SP || octet === TAB) return lineBytes <= PADDING_BYTES_MAX;
  return octet === HYPHEN && lineBytes === 1;
}

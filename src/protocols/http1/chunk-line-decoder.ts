import type { Segments } from "../../kernel/segments.ts";
import { FIELD_VALUE } from "../http/field-rules.ts";
import { BACKSLASH, CR, DQUOTE, HEX_VALUE, HTAB, LF, SEMICOLON, SP } from "../http/octets.ts";
import { bodyTooLarge } from "../http/limit-errors.ts";
import { malformed, misplaced } from "./refusal.ts";

/** Digits of a chunk size. Sixteen write any size there is; leading zeros beyond them would be bytes without meaning. */
const SIZE_DIGITS_MAX = 16;

/**
 * Decodes the lines that begin chunks: `chunk-size [ chunk-ext ] CR LF` (RFC 9112 §7.1), octet by octet, consuming each.
 *
 * Strict where a mistake moves the frame: hex digits only, no sign, no `0x`, no white space but before an extension, CR LF only. Extensions
 * are skipped unread; of their octets no control character is allowed, of their number a limit for the whole body, and a quoted string ends on its
 * line: who reads on for its end finds another frame.
 */
export class ChunkLineDecoder {
  /** The size on the line that `decode` has completed. */
  size = 0;
  #digitCount = 0;
  #place: "size" | "space" | "extension" | "quoted" | "escaped" | "line-feed" = "size";
  #extensionBytes = 0;
  readonly #extensionBytesMax: number;

  constructor(extensionBytesMax: number) {
    this.#extensionBytesMax = extensionBytesMax;
  }

  /** Forgets the extensions counted so far, and begins a line. */
  startBody(): void {
    this.#extensionBytes = 0;
    this.startLine();
  }

  startLine(): void {
    this.size = 0;
    this.#digitCount = 0;
    this.#place = "size";
  }

  /**
   * Consumes the rest of the line, or all there is of it.
   *
   * @param allowanceBytes the largest size allowed, in a body of at most `bodyBytesMax`.
   * @returns true when the line is complete and `size` known.
   * @throws {HttpError} 400 or 413.
   */
  decode(segments: Segments, allowanceBytes: number, bodyBytesMax: number): boolean {
    const { bytes, start, end } = segments;
    for (let at = start; at < end; at++) {
      const octet = bytes[at]!;
      if (this.#place === "line-feed") {
        if (octet !== LF) throw misplaced(CR, "chunk", "a chunk line");
        segments.consume(at + 1 - start);
        return true;
      }
      if (octet === CR && this.#mayEnd) this.#place = "line-feed";
      else if (this.#place === "size") this.#takeSizeOctet(octet, allowanceBytes, bodyBytesMax);
      else this.#takeExtensionOctet(octet);
    }
    segments.consume(end - start);
    return false;
  }

  get #mayEnd(): boolean {
    return this.#place === "extension" || (this.#place === "size" && this.#digitCount > 0);
  }

  #takeSizeOctet(octet: number, allowanceBytes: number, bodyBytesMax: number): void {
    const digit = HEX_VALUE[octet]!;
    if (digit >= 0) {
      if (++this.#digitCount > SIZE_DIGITS_MAX) {
        throw malformed("chunk", `a size of more than ${SIZE_DIGITS_MAX} digits`, "no chunk is that large");
      }
      this.size = this.size * 16 + digit;
      if (this.size > allowanceBytes) throw bodyTooLarge(bodyBytesMax);
      return;
    }
    if (this.#digitCount === 0) throw misplaced(octet, "chunk", "a chunk size");
    this.#takeExtensionOctet(octet);
  }

  /** From the end of the size on: `BWS ";"` and then whatever a field value may hold. */
  #takeExtensionOctet(octet: number): void {
    if (this.#place === "size" || this.#place === "space") {
      if (octet === SEMICOLON) this.#place = "extension";
      else if (octet === SP || octet === HTAB) this.#place = "space";
      else throw misplaced(octet, "chunk", "a chunk size");
    } else if (FIELD_VALUE[octet] === 0) {
      throw misplaced(octet, "chunk", "a chunk extension");
    } else if (this.#place === "escaped") {
      this.#place = "quoted";
    } else if (octet === DQUOTE) {
      this.#place = this.#place === "quoted" ? "extension" : "quoted";
    } else if (octet === BACKSLASH && this.#place === "quoted") {
      this.#place = "escaped";
    }
    if (++this.#extensionBytes > this.#extensionBytesMax) {
      throw malformed(
        "chunk",
        "extensions exceed chunkExtensionBytesMax",
        `${this.#extensionBytesMax} bytes are allowed`,
      );
    }
  }
}

import type { ByteRange } from "../../protocols/http/byte-ranges.ts";
import type { Piece } from "./piece.ts";

/** The content of a 206 with several ranges, and the type that names its boundary. */
export interface MultipartContent {
  readonly contentType: string;
  readonly pieces: readonly Piece[];
}

/** What the ranges are of. */
export interface MultipartSource {
  readonly contentType: string | null;
  readonly byteLength: number;
  /** `null` for a file. */
  readonly bytes: Buffer | null;
}

/**
 * Lays ranges out as `multipart/byteranges` (RFC 9110 §14.6).
 *
 * @param boundary must not occur in the content: a random one does not.
 */
export function layOutRanges(
  ranges: readonly ByteRange[],
  { contentType, byteLength, bytes }: MultipartSource,
  boundary: string,
): MultipartContent {
  const typeLine = contentType === null ? "" : `Content-Type: ${contentType}\r\n`;
  const pieces: Piece[] = [];
  let lead = "";
  for (const { start, end } of ranges) {
    const rangeLine = `Content-Range: ${contentRange({ start, end }, byteLength)}\r\n`;
    pieces.push(inMemory(`${lead}--${boundary}\r\n${typeLine}${rangeLine}\r\n`), { bytes, start, end });
    lead = "\r\n";
  }
  pieces.push(inMemory(`\r\n--${boundary}--\r\n`));
  return { contentType: `multipart/byteranges; boundary=${boundary}`, pieces };
}

/** The value of Content-Range for one range. RFC 9110 §14.4. */
export function contentRange({ start, end }: ByteRange, byteLength: number): string {
  return `bytes ${start}-${end - 1}/${byteLength}`;
}

function inMemory(text: string): Piece {
  const bytes = Buffer.from(text, "latin1");
  return { bytes, start: 0, end: bytes.length };
}

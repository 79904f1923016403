import type { MsgpackCursor } from "../msgpack/msgpack-cursor.ts";
import { ERROR_BYTES_MAX } from "./limits.ts";

/** The error lies in the map of the response. */
const DEPTH = 1;

/**
 * Reads what went wrong, `null` for nothing. Nil, false, empty text and an empty list are no error, text is the error, of which 16 KiB are
 * kept, and anything else is an error that cannot be read.
 */
export function readError(cursor: MsgpackCursor): string | null {
  const type = cursor.peekType();
  if (type === "string" || type === "binary") {
    cursor.readBytes();
    return cursor.rangeStart === cursor.rangeEnd ? null : errorText(cursor);
  }
  const start = cursor.at;
  const isNone =
    cursor.tryReadNil() ||
    (type === "boolean" && !cursor.readBoolean()) ||
    (type === "array" && cursor.readArrayHeader() === 0);
  if (isNone) return null;
  cursor.at = start;
  cursor.skip(DEPTH);
  return `an error of type ${type}`;
}

function errorText({ bytes, rangeStart, rangeEnd }: MsgpackCursor): string {
  let end = Math.min(rangeEnd, rangeStart + ERROR_BYTES_MAX);
  // A cut inside a UTF-8 sequence, which has at most three more bytes, would show as a character that the worker never wrote.
  const endMin = end - 3;
  if (end < rangeEnd) while (end > endMin && (bytes[end]! & 0xc0) === 0x80) end--;
  return bytes.toString("utf8", rangeStart, end);
}

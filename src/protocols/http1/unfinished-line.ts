import { LF } from "../http/octets.ts";

/**
 * True while decoding again would change nothing: the line that starts at `lineStart` was unfinished at the last attempt, none of the bytes
 * up to `end` ends it, and it is within its limit.
 *
 * This is what makes a peer who dribbles bytes cheap: a section is decoded anew once for each line that is completed, and lines are bounded
 * in number, while bytes in between cost one native search of one line.
 */
export function isLineUnfinished(bytes: Buffer, lineStart: number, end: number, lineBytesMax: number): boolean {
  if (end - lineStart > lineBytesMax) return false;
  // A view, because a search of `bytes` itself would run on behind `end`.
  return !bytes.subarray(lineStart, end).includes(LF);
}

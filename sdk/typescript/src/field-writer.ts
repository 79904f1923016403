import type { FrameWriter } from "./frame-writer.ts";

/**
 * Writes fields under a key of the frame that is being written: of each name all values.
 *
 * @param contentLength a field more, where the platform's headers do not have it.
 */
export function writeFields(
  writer: FrameWriter,
  key: "headers" | "trailers",
  headers: Headers,
  contentLength: string | null = null,
): void {
  const cookies = headers.getSetCookie();
  const others: [string, string][] = [];
  for (const pair of headers) if (pair[0] !== "set-cookie") others.push(pair);
  if (contentLength !== null) others.push(["content-length", contentLength]);
  writer.key(key);
  writer.map(others.length + (cookies.length === 0 ? 0 : 1));
  for (const [name, value] of others) {
    writer.headerText(canonical(name));
    writer.headerText(value);
  }
  if (cookies.length === 0) return;
  writer.text("Set-Cookie");
  writer.array(cookies.length);
  for (const cookie of cookies) writer.headerText(cookie);
}

const CANONICAL_NAMES = new Map<string, string>();
const CANONICAL_COUNT_MAX = 1_000;

/** The platform writes names in lower case; people and tools look for `Content-Type`. */
function canonical(name: string): string {
  let known = CANONICAL_NAMES.get(name);
  if (known === undefined) {
    known = name.replace(/(?:^|-)[a-z]/g, (letter) => letter.toUpperCase());
    if (CANONICAL_NAMES.size < CANONICAL_COUNT_MAX) CANONICAL_NAMES.set(name, known);
  }
  return known;
}

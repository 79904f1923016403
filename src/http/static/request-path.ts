import { isUtf8 } from "node:buffer";

/** Longest path that is looked for, decoded, in bytes: less than the system's 4096 with its end. */
export const PATH_BYTES_MAX = 4_000;

/** <limits.h> NAME_MAX. */
const NAME_BYTES_MAX = 255;

const ESCAPE = /%[0-9A-Fa-f]{2}/g;
const BAD_ESCAPE = /%(?![0-9A-Fa-f]{2})/;
/** A backslash is a separator elsewhere; control characters are in no name that anybody meant to publish. */
const REFUSED = /[^\x20-\x7e\x80-\xff]|\\/;
/** Encoded, it would be a separator that the one who wrote the link did not mean as one. */
const ENCODED_SLASH = /%2f/i;

/** What a request's path names below a root. */
export interface RequestPath {
  /** Decoded, without the slash in front; one byte per UTF-16 unit. Empty for the root itself. */
  readonly name: string;
  /** It ends in a slash: only a directory can be meant. */
  readonly isDirectory: boolean;
}

/**
 * Reads the path of a request target as the name of a file.
 *
 * One file has one name: what would have to be tidied up first (`//`, `.`, `..`, encoded slashes, backslashes, broken or overlong UTF-8) is
 * no file's, so that nothing in front of us that reads it otherwise is led astray.
 *
 * @param path as received, one UTF-16 unit a byte, with its slash in front.
 * @returns `null` for what cannot be the name of a file.
 */
export function parseRequestPath(path: string): RequestPath | null {
  if (path.charCodeAt(0) !== 0x2f) return null;
  const name = decode(path.slice(1));
  if (name === null || name.length > PATH_BYTES_MAX || REFUSED.test(name)) return null;
  if (name === "") return { name, isDirectory: true };
  const isDirectory = name.endsWith("/");
  const file = isDirectory ? name.slice(0, -1) : name;
  if (!file.split("/").every(isPlainName)) return null;
  return { name: file, isDirectory };
}

function decode(text: string): string | null {
  let name = text;
  if (text.includes("%")) {
    if (ENCODED_SLASH.test(text) || BAD_ESCAPE.test(text)) return null;
    name = text.replace(ESCAPE, (escape) => String.fromCharCode(Number.parseInt(escape.slice(1), 16)));
  }
  // Overlong forms and lone surrogates are no UTF-8 (RFC 3629 §3).
  return isUtf8(Buffer.from(name, "latin1")) ? name : null;
}

function isPlainName(name: string): boolean {
  return name !== "" && name !== "." && name !== ".." && name.length <= NAME_BYTES_MAX;
}

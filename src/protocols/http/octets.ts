/** The octets that HTTP/1.1 syntax turns on, by their names in RFC 5234 appendix B.1. */
export const HTAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SP = 0x20;
export const DQUOTE = 0x22;
export const PERCENT = 0x25;
export const COMMA = 0x2c;
export const SLASH = 0x2f;
export const COLON = 0x3a;
export const SEMICOLON = 0x3b;
export const QUESTION_MARK = 0x3f;
export const BACKSLASH = 0x5c;

/** A table of 256 entries, 1 where the octet is one of `characters` (a regular expression for one UTF-16 unit 0 to 0xFF). */
export function octetTable(characters: RegExp): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, octet) => (characters.test(String.fromCharCode(octet)) ? 1 : 0));
}

/** `RFC 5234 HEXDIG` to its value, either letter case; -1 for every other octet. */
export const HEX_VALUE: Int8Array = Int8Array.from({ length: 256 }, (_, octet) => {
  const digit = Number.parseInt(String.fromCharCode(octet), 16);
  return Number.isNaN(digit) ? -1 : digit;
});

/** An octet as it appears in error messages, which may not carry a peer's raw bytes: `0x0b`. */
export function describeOctet(octet: number): string {
  return `0x${octet.toString(16).padStart(2, "0")}`;
}

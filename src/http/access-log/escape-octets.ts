/** What stands for itself in both forms: printable ASCII without the quote and the backslash. */
const HARMLESS = /^[ !#-[\]-~]*$/;

/** The same by octets: 1 where it is. */
export const HARMLESS_OCTETS: Uint8Array = Uint8Array.from({ length: 256 }, (_, octet) =>
  HARMLESS.test(String.fromCharCode(octet)) ? 1 : 0,
);

const HARMFUL = /[^ !#-[\]-~]/g;

/** Longer values are cut: a line has to stay a line that people and tools can take, and that its writer takes. */
export const VALUE_LENGTH_MAX = 4096;

/** The longest escape: `\u00HH`. */
const ESCAPE_LENGTH_MAX = 6;

/**
 * How what others have sent is written: `octets` as nginx writes it, every harmful octet as `\xHH`; `json` as the inside of a JSON string, octets
 * that are UTF-8 by their characters. Both are ASCII without control characters, quotes and line ends, whatever was sent.
 */
export type Escaping = "octets" | "json";

/** Escapes text of one UTF-16 unit an octet. */
export function escapeOctets(text: string, escaping: Escaping): string {
  if (text.length <= VALUE_LENGTH_MAX && HARMLESS.test(text)) return text;
  const keptLength = lengthToKeep(text);
  const isCut = keptLength < text.length;
  const kept = isCut ? text.slice(0, keptLength) : text;
  const escaped =
    escaping === "octets" ? kept.replace(HARMFUL, octetEscape) : decode(kept, isCut).replace(HARMFUL, jsonEscape);
  return isCut ? `${escaped}...` : escaped;
}

/** How much is kept of what would be too long with its escapes: little, when there are so many that nobody wants to read it. */
function lengthToKeep(text: string): number {
  const kept = text.slice(0, VALUE_LENGTH_MAX);
  const harmfulCount = kept.match(HARMFUL)?.length ?? 0;
  const isHostile = kept.length + harmfulCount * (ESCAPE_LENGTH_MAX - 1) > 2 * VALUE_LENGTH_MAX;
  return Math.min(text.length, isHostile ? Math.floor(VALUE_LENGTH_MAX / ESCAPE_LENGTH_MAX) : VALUE_LENGTH_MAX);
}

/** What is no UTF-8 keeps its octets, as characters of the same number. Of what is cut, a character that has lost its end is left out. */
function decode(text: string, isCut: boolean): string {
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    return decoder.decode(Buffer.from(text, "latin1"), { stream: isCut });
  } catch {
    return text;
  }
}

function octetEscape(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
}

function jsonEscape(character: string): string {
  if (character === '"' || character === "\\") return `\\${character}`;
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

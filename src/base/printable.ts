// Control and format characters (C0, DEL, C1, bidirectional overrides, zero width), line and paragraph separators, lone surrogates.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

const SHORT_ESCAPES: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** Makes text safe to print on one line of a terminal or log: what could start a line, move the cursor or hide text becomes an escape. */
export function escapeUnprintable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => {
    return SHORT_ESCAPES[character] ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}

/** Quotes text that others wrote for a message: printable, with its quotes and backslashes escaped, cut after `lengthMax` characters. */
export function quote(text: string, lengthMax = 80): string {
  const kept = text.length > lengthMax ? `${text.slice(0, lengthMax)}…` : text;
  return `"${escapeUnprintable(kept.replaceAll("\\", "\\\\").replaceAll('"', '\\"'))}"`;
}

import { isUtf8 } from "node:buffer";

/** Below this many bytes the table beats a call into the runtime. */
const NATIVE_BYTES_MIN = 48;

/** States of the automaton: what has to come next. `ACCEPT` is between two characters, nothing leads out of `REJECT`. */
const ACCEPT = 0;
const REJECT = 1;
const ONE_TAIL = 2;
const TWO_TAILS = 3;
const THREE_TAILS = 4;
const AFTER_E0 = 5;
const AFTER_ED = 6;
const AFTER_F0 = 7;
const AFTER_F4 = 8;

/** `NEXT[state * 256 + octet]` is the state after an octet: the grammar of RFC 3629 §4, which leaves out overlong forms, surrogates and what is above U+10FFFF. */
const NEXT = buildTable([
  [ACCEPT, 0x00, 0x7f, ACCEPT],
  [ACCEPT, 0xc2, 0xdf, ONE_TAIL],
  [ACCEPT, 0xe0, 0xe0, AFTER_E0],
  [ACCEPT, 0xe1, 0xec, TWO_TAILS],
  [ACCEPT, 0xed, 0xed, AFTER_ED],
  [ACCEPT, 0xee, 0xef, TWO_TAILS],
  [ACCEPT, 0xf0, 0xf0, AFTER_F0],
  [ACCEPT, 0xf1, 0xf3, THREE_TAILS],
  [ACCEPT, 0xf4, 0xf4, AFTER_F4],
  [ONE_TAIL, 0x80, 0xbf, ACCEPT],
  [TWO_TAILS, 0x80, 0xbf, ONE_TAIL],
  [THREE_TAILS, 0x80, 0xbf, TWO_TAILS],
  [AFTER_E0, 0xa0, 0xbf, ONE_TAIL],
  [AFTER_ED, 0x80, 0x9f, ONE_TAIL],
  [AFTER_F0, 0x90, 0xbf, TWO_TAILS],
  [AFTER_F4, 0x80, 0x8f, TWO_TAILS],
]);

/**
 * Validates UTF-8 texts that arrive in pieces, one after the other, and says no at the first octet that nothing could make right. RFC 6455 §8.1.
 *
 * Invariant: the verdict depends on the octets alone, never on how they were split.
 */
export class Utf8Validator {
  #state = ACCEPT;

  /** True between two characters: text may end here. */
  get isComplete(): boolean {
    return this.#state === ACCEPT;
  }

  /** Takes the next piece; returns false when the text is not UTF-8, whatever follows: it then stays false. */
  push(bytes: Buffer, start: number, end: number): boolean {
    let at = start;
    if (end - start >= NATIVE_BYTES_MIN) {
      at = this.#finishCharacter(bytes, start, end);
      if (this.#state !== ACCEPT) return this.#state !== REJECT;
      const bulkEnd = startOfLastCharacter(bytes, at, end);
      if (!isUtf8(bytes.subarray(at, bulkEnd))) {
        this.#state = REJECT;
        return false;
      }
      at = bulkEnd;
    }
    let state = this.#state;
    for (; at < end; at++) state = NEXT[state * 256 + bytes[at]!]!;
    this.#state = state;
    return state !== REJECT;
  }

  /** The offset after the character that the piece before has begun. */
  #finishCharacter(bytes: Buffer, start: number, end: number): number {
    let state = this.#state;
    let at = start;
    while (state !== ACCEPT && at < end) state = NEXT[state * 256 + bytes[at++]!]!;
    this.#state = state;
    return at;
  }
}

/** True when the whole of `bytes[start, end)` is UTF-8. */
export function isUtf8Text(bytes: Buffer, start: number, end: number): boolean {
  if (end - start >= NATIVE_BYTES_MIN) return isUtf8(bytes.subarray(start, end));
  let state = ACCEPT;
  for (let at = start; at < end; at++) state = NEXT[state * 256 + bytes[at]!]!;
  return state === ACCEPT;
}

/** The offset of the last character's first octet if that may lie beyond `end` in part, else `end`. */
function startOfLastCharacter(bytes: Buffer, start: number, end: number): number {
  const earliest = Math.max(start, end - 3);
  for (let at = end - 1; at >= earliest; at--) {
    if (bytes[at]! >= 0xc0) return at;
    if (bytes[at]! < 0x80) break;
  }
  return end;
}

function buildTable(rules: readonly (readonly [from: number, first: number, last: number, to: number])[]): Uint8Array {
  const table = new Uint8Array((AFTER_F4 + 1) * 256).fill(REJECT);
  for (const [from, first, last, to] of rules) table.fill(to, from * 256 + first, from * 256 + last + 1);
  return table;
}

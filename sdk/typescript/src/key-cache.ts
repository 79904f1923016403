const SLOT_COUNT = 1_024;
const KEY_BYTES_MAX = 64;

interface Slot {
  readonly bytes: Uint8Array;
  readonly text: string;
}

/**
 * The texts of keys and names that have come before. Every request has the same few dozen: making them anew each time is what reading a frame
 * would cost most.
 */
export class KeyCache {
  readonly #slots: (Slot | undefined)[] = Array.from({ length: SLOT_COUNT });

  /** The text of these bytes, one character a byte. */
  read(bytes: Buffer, start: number, end: number): string {
    const byteLength = end - start;
    if (byteLength === 0 || byteLength > KEY_BYTES_MAX) return bytes.toString("latin1", start, end);
    const middle = bytes[start + (byteLength >> 1)]!;
    const index = (byteLength * 131 + bytes[start]! * 31 + middle * 17 + bytes[end - 1]!) & (SLOT_COUNT - 1);
    const slot = this.#slots[index];
    if (slot !== undefined && isSame(slot.bytes, bytes, start, byteLength)) return slot.text;
    const text = bytes.toString("latin1", start, end);
    this.#slots[index] = { bytes: Uint8Array.prototype.slice.call(bytes, start, end), text };
    return text;
  }
}

function isSame(known: Uint8Array, bytes: Buffer, start: number, byteLength: number): boolean {
  if (known.length !== byteLength) return false;
  for (let at = 0; at < byteLength; at++) if (known[at] !== bytes[start + at]) return false;
  return true;
}

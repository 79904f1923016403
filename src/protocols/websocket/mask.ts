/** Below this many bytes a loop over bytes beats making a view of words. */
const WORD_BYTES_MIN = 64;

const keyBytes = new Uint8Array(4);
const keyWord = new Int32Array(keyBytes.buffer);

/**
 * Masks or unmasks `bytes[start, end)` in place; the two are the same. RFC 6455 §5.3.
 *
 * @param key the masking key as a 32-bit number, its first octet highest, already turned to where `start` is in the payload.
 */
export function applyMask(bytes: Uint8Array, start: number, end: number, key: number): void {
  if (end - start < WORD_BYTES_MIN) {
    applyMaskToBytes(bytes, start, end, key);
    return;
  }
  // Words are read where the machine can: at multiples of four in the underlying memory.
  const { byteOffset } = bytes;
  const wordsStart = start + (-(byteOffset + start) & 3);
  const wordCount = (end - wordsStart) >> 2;
  applyMaskToBytes(bytes, start, wordsStart, key);
  const turned = turnKey(key, wordsStart - start);
  applyMaskToWords(new Int32Array(bytes.buffer, byteOffset + wordsStart, wordCount), turned);
  applyMaskToBytes(bytes, wordsStart + wordCount * 4, end, turned);
}

/** The key for what follows after `count` bytes of payload. */
export function turnKey(key: number, count: number): number {
  const bits = (count & 3) * 8;
  return bits === 0 ? key : (key << bits) | (key >>> (32 - bits));
}

function applyMaskToBytes(bytes: Uint8Array, start: number, end: number, key: number): void {
  let turned = key;
  for (let at = start; at < end; at++) {
    bytes[at] = bytes[at]! ^ (turned >>> 24);
    turned = (turned << 8) | (turned >>> 24);
  }
}

function applyMaskToWords(words: Int32Array, key: number): void {
  for (let octet = 0; octet < 4; octet++) keyBytes[octet] = key >>> (24 - 8 * octet);
  const word = keyWord[0]!; // In the machine's byte order, whichever that is.
  for (let at = 0; at < words.length; at++) words[at] = words[at]! ^ word;
}

/**
 * Decodes `1*DIGIT` as Content-Length has it: digits and nothing else, leading zeros allowed. RFC 9110 §8.6.
 *
 * @returns the number, or -1 when there is none, another octet, or more than 2^53 - 1.
 */
export function decodeDecimal(bytes: Buffer, start: number, end: number): number {
  if (start === end) return -1;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = bytes[at]! - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
    if (value > Number.MAX_SAFE_INTEGER) return -1;
  }
  return value;
}

const ZERO = 0x30;

/** The largest integer that is taken apart here, by 32-bit arithmetic; digits of larger ones are made by the platform. */
export const DIGITS_VALUE_MAX = 0x7fff_ffff;

/** How many decimal digits an integer from 0 to `DIGITS_VALUE_MAX` has. */
export function countDigits(value: number): number {
  let count = 1;
  for (let rest = value; rest >= 10; rest = (rest / 10) | 0) count++;
  return count;
}

/** Writes the last `count` decimal digits of an integer from 0 to `DIGITS_VALUE_MAX`, as ASCII, with zeros before it where it has fewer. */
export function putDigits(bytes: Uint8Array, start: number, count: number, value: number): void {
  let rest = value;
  for (let at = start + count - 1; at >= start; at--) {
    const tens = (rest / 10) | 0;
    bytes[at] = ZERO + rest - tens * 10;
    rest = tens;
  }
}

import { countDigits, DIGITS_VALUE_MAX, putDigits } from "../../kernel/digits.ts";
import { HARMLESS_OCTETS, escapeOctets, type Escaping, VALUE_LENGTH_MAX } from "./escape-octets.ts";

const ZERO = 0x30;
const POINT = 0x2e;

/** Below this many bytes a loop beats the native copy's call. */
const LOOP_COPY_BYTES_MAX = 24;

/**
 * A log line while it is made: ASCII in one buffer that grows and is used again, so that an ordinary line makes neither strings nor garbage.
 *
 * `bytes[0, end)` is what there is so far.
 */
export class LineBuffer {
  bytes: Buffer;
  end = 0;
  readonly #escaping: Escaping;

  constructor(capacityBytes: number, escaping: Escaping) {
    this.bytes = Buffer.allocUnsafeSlow(capacityBytes);
    this.#escaping = escaping;
  }

  /** Appends text that needs no escaping, one octet a UTF-16 unit. */
  writeText(text: string): void {
    const { length } = text;
    this.#reserve(length);
    const { bytes, end } = this;
    for (let index = 0; index < length; index++) bytes[end + index] = text.charCodeAt(index);
    this.end = end + length;
  }

  /** Appends what is no text of ours, escaped; one octet a UTF-16 unit. */
  writeValue(text: string): void {
    const { length } = text;
    if (length > VALUE_LENGTH_MAX) {
      this.writeText(escapeOctets(text, this.#escaping));
      return;
    }
    this.#reserve(length);
    const { bytes, end } = this;
    for (let index = 0; index < length; index++) {
      const octet = text.charCodeAt(index);
      if (HARMLESS_OCTETS[octet] !== 1) {
        this.writeText(escapeOctets(text, this.#escaping));
        return;
      }
      bytes[end + index] = octet;
    }
    this.end = end + length;
  }

  /** The same of `source[start, end)`. */
  writeOctets(source: Buffer, start: number, end: number): void {
    const length = end - start;
    if (length > VALUE_LENGTH_MAX) {
      this.writeText(escapeOctets(source.toString("latin1", start, end), this.#escaping));
      return;
    }
    this.#reserve(length);
    const { bytes, end: to } = this;
    for (let index = 0; index < length; index++) {
      const octet = source[start + index]!;
      if (HARMLESS_OCTETS[octet] !== 1) {
        this.writeText(escapeOctets(source.toString("latin1", start, end), this.#escaping));
        return;
      }
      bytes[to + index] = octet;
    }
    this.end = to + length;
  }

  /** Appends `source[start, end)` as it stands. */
  writeBytes(source: Buffer, start: number, end: number): void {
    const length = end - start;
    this.#reserve(length);
    const { bytes, end: to } = this;
    if (length > LOOP_COPY_BYTES_MAX) source.copy(bytes, to, start, end);
    else for (let index = 0; index < length; index++) bytes[to + index] = source[start + index]!;
    this.end = to + length;
  }

  /** Appends a non-negative integer. */
  writeInteger(value: number, digitCountMin = 1): void {
    if (value > DIGITS_VALUE_MAX) {
      this.writeText(String(value));
      return;
    }
    const count = Math.max(countDigits(value), digitCountMin);
    this.#reserve(count);
    putDigits(this.bytes, this.end, count, value);
    this.end += count;
  }

  /** Appends thousandths as units with three decimals, or with as few as say the same. */
  writeThousandths(value: number, decimals: "three" | "needed"): void {
    const units = Math.floor(value / 1_000);
    const rest = value - units * 1_000;
    this.writeInteger(units);
    if (rest === 0 && decimals === "needed") return;
    this.#reserve(1);
    this.bytes[this.end++] = POINT;
    this.writeInteger(rest, 3);
    if (decimals === "needed") while (this.bytes[this.end - 1] === ZERO) this.end--;
  }

  #reserve(count: number): void {
    if (this.bytes.length - this.end >= count) return;
    const bytes = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.end + count));
    this.bytes.copy(bytes, 0, 0, this.end);
    this.bytes = bytes;
  }
}

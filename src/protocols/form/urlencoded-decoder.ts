import { Arena } from "../../kernel/arena.ts";
import { HEX_VALUE, PERCENT, SP } from "../http/octets.ts";
import { type FormLimits, formTooLarge } from "./form-limits.ts";

const AMPERSAND = 0x26;
const EQUALS = 0x3d;
const PLUS = 0x2b;

/** What a field is at most encoded as, for each byte of it: `%41`. */
const ENCODED_BYTES = 3;

/**
 * Decodes one body of `application/x-www-form-urlencoded`, as the URL Standard reads it (§5.1): a percent sign that encodes nothing stands for
 * itself, and what is not UTF-8 stays as it is.
 *
 * Invariant: it keeps one unfinished field, in no more memory than the longest one may take encoded.
 */
export class UrlencodedDecoder {
  readonly #onField: (name: Buffer, value: Buffer) => void;
  readonly #limits: Pick<FormLimits, "nameBytesMax" | "fieldBytesMax">;
  readonly #field = new Arena();
  readonly #encodedBytesMax: number;

  constructor(
    limits: Pick<FormLimits, "nameBytesMax" | "fieldBytesMax">,
    onField: (name: Buffer, value: Buffer) => void,
  ) {
    this.#limits = limits;
    this.#onField = onField;
    this.#encodedBytesMax = (limits.nameBytesMax + limits.fieldBytesMax) * ENCODED_BYTES + 1;
  }

  /** Takes the next bytes. @throws {HttpError} 413; nothing may follow then. */
  decode(bytes: Buffer, start: number, end: number): void {
    const within = end === bytes.length ? bytes : bytes.subarray(0, end); // A search must not go past the end.
    for (let at = start; at < end;) {
      const found = within.indexOf(AMPERSAND, at);
      const fieldEnd = found === -1 ? end : found;
      if (this.#field.byteLength + fieldEnd - at > this.#encodedBytesMax) {
        throw formTooLarge("max_field_size", this.#limits.fieldBytesMax);
      }
      this.#field.writeBytes(within, at, fieldEnd);
      if (found !== -1) this.end();
      at = fieldEnd + 1;
    }
  }

  /** The last field is complete. @throws {HttpError} 413. */
  end(): void {
    const { bytes, start, end } = this.#field;
    this.#field.truncate(start);
    if (start === end) return; // Nothing stands between two ampersands.
    const encoded = bytes.subarray(start, end);
    const equals = encoded.indexOf(EQUALS);
    const name = decode(equals === -1 ? encoded : encoded.subarray(0, equals));
    const value = equals === -1 ? Buffer.alloc(0) : decode(encoded.subarray(equals + 1));
    const { nameBytesMax, fieldBytesMax } = this.#limits;
    if (name.length > nameBytesMax) throw formTooLarge("max_name_size", nameBytesMax);
    if (value.length > fieldBytesMax) throw formTooLarge("max_field_size", fieldBytesMax);
    this.#onField(name, value);
  }
}

function decode(encoded: Buffer): Buffer {
  const decoded = Buffer.allocUnsafe(encoded.length);
  let count = 0;
  for (let at = 0; at < encoded.length; at++) {
    const octet = encoded[at]!;
    const high = octet === PERCENT && at + 2 < encoded.length ? HEX_VALUE[encoded[at + 1]!]! : -1;
    const low = high === -1 ? -1 : HEX_VALUE[encoded[at + 2]!]!;
    if (low !== -1) at += 2;
    decoded[count++] = low === -1 ? (octet === PLUS ? SP : octet) : (high << 4) | low;
  }
  return Buffer.from(decoded.subarray(0, count));
}

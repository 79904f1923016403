import { quote } from "../../base/printable.ts";
import { Arena } from "../../kernel/arena.ts";
import { FieldBlock, hashName } from "../http/field-block.ts";
import { FIELD_VALUE, TOKEN } from "../http/field-rules.ts";
import { HTAB, SP } from "../http/octets.ts";
import { MsgpackCursor } from "../msgpack/msgpack-cursor.ts";
import { FIELD_BYTES_MAX, FIELD_COUNT_MAX } from "./limits.ts";

/** The headers lie in the map of the response, their values in their own. */
const RESPONSE_DEPTH = 1;
const HEADERS_DEPTH = 2;

/** Bytes of a name that are worth showing in a message. */
const SHOWN_NAME_BYTES = 64;

const NO_CURSOR = new MsgpackCursor();
const NO_FIELDS = new FieldBlock(1);

/** Not a refusal: a number or a boolean was met while strings were left where they lie. */
const NEEDS_RENDERING = "needs rendering";

/**
 * Reads the headers of a response into a field block: a map of name → value or list of values.
 *
 * Names and values stay where they lie as long as all of them are strings. A block has one buffer, so the first number or boolean sends
 * the reader back to the beginning to copy everything into a buffer of its own. Invariant: every field it adds is a token and field
 * content (RFC 9110 §5.1, §5.5), so that no worker can split a response.
 */
export class ResponseFieldReader {
  #cursor: MsgpackCursor = NO_CURSOR;
  #fields: FieldBlock = NO_FIELDS;
  /** Where names and values are copied to; `null` while they stay in the frame. */
  #copies: Arena | null = null;
  #byteCount = 0;
  #nameStart = 0;
  #nameEnd = 0;
  #nameHash = 0;

  /**
   * Reads the next value, of whatever type, into `fields` and moves behind it.
   *
   * @returns why the response cannot be sent, or `null`; `fields` is of no use after a refusal.
   * @throws {MsgpackError} when the value is not MessagePack.
   */
  read(cursor: MsgpackCursor, fields: FieldBlock): string | null {
    const start = cursor.at;
    this.#cursor = cursor;
    this.#fields = fields;
    this.#copies = null;
    let refusal = this.#readHeaders();
    if (refusal === NEEDS_RENDERING) {
      cursor.at = start;
      this.#copies = new Arena();
      refusal = this.#readHeaders();
      fields.bytes = this.#copies.bytes;
    }
    if (refusal !== null) {
      cursor.at = start;
      cursor.skip(RESPONSE_DEPTH);
    }
    return refusal;
  }

  #readHeaders(): string | null {
    const cursor = this.#cursor;
    this.#fields.clear(cursor.bytes);
    this.#byteCount = 0;
    const type = cursor.peekType();
    if (cursor.tryReadNil() || (type === "array" && cursor.readArrayHeader() === 0)) return null;
    if (type !== "map") return `its headers are of type ${type}, only a map, an empty array and nil are allowed`;
    const count = cursor.readMapHeader();
    for (let index = 0; index < count; index++) {
      // The class of an object, as PHP packs it: the rest of the map are its properties.
      const isClass = index === 0 && cursor.tryReadNil();
      if (isClass) cursor.skip(HEADERS_DEPTH);
      const refusal = isClass ? null : (this.#readName() ?? this.#readValues());
      if (refusal !== null) return refusal;
    }
    return null;
  }

  #readName(): string | null {
    const cursor = this.#cursor;
    const type = cursor.peekType();
    if (type === "integer") return this.#renderName();
    if (type !== "string" && type !== "binary")
      return `a header name is of type ${type}, only str, bin and int are allowed`;
    cursor.readBytes();
    const { bytes, rangeStart, rangeEnd } = cursor;
    let hash = 0;
    for (let at = rangeStart; at < rangeEnd; at++) {
      const octet = bytes[at]!;
      if (TOKEN[octet] === 0)
        return `the header name ${quoteRange(bytes, rangeStart, rangeEnd)} is not a token (RFC 9110 §5.1)`;
      hash = (Math.imul(hash, 31) + (octet | 0x20)) >>> 0;
    }
    if (rangeStart === rangeEnd) return "a header name is empty, a token is allowed (RFC 9110 §5.1)";
    this.#nameHash = hash;
    this.#nameStart = this.#keep(rangeStart, rangeEnd);
    this.#nameEnd = this.#nameStart + rangeEnd - rangeStart;
    return null;
  }

  #renderName(): string | null {
    if (this.#copies === null) return NEEDS_RENDERING;
    const text = this.#cursor.readBigInt().toString();
    this.#nameHash = hashName(text);
    this.#nameStart = this.#copies.end;
    this.#copies.writeLatin1(text);
    this.#nameEnd = this.#copies.end;
    return null;
  }

  #readValues(): string | null {
    const cursor = this.#cursor;
    const type = cursor.peekType();
    if (type !== "array" && type !== "map") return this.#readValue();
    let refusal: string | null = null;
    if (type === "array") {
      for (let left = cursor.readArrayHeader(); left > 0 && refusal === null; left--) refusal = this.#readValue();
    } else {
      // A PHP list with holes in it is packed as a map whose keys are its indices.
      for (let left = cursor.readMapHeader(); left > 0 && refusal === null; left--) {
        refusal = cursor.peekType() === "integer" ? null : this.#refuseValue("map");
        if (refusal !== null) break;
        cursor.readNumber();
        refusal = this.#readValue();
      }
    }
    return refusal;
  }

  #readValue(): string | null {
    const cursor = this.#cursor;
    const type = cursor.peekType();
    switch (type) {
      case "string":
      case "binary":
        return this.#readText();
      case "nil":
        cursor.skip();
        return null;
      case "integer":
        return this.#copies === null ? NEEDS_RENDERING : this.#addText(cursor.readBigInt().toString());
      case "boolean":
        return this.#copies === null ? NEEDS_RENDERING : this.#addText(String(cursor.readBoolean()));
      case "float": {
        if (this.#copies === null) return NEEDS_RENDERING;
        const value = cursor.readNumber();
        return Number.isFinite(value) ? this.#addText(String(value)) : this.#refuseValue(String(value));
      }
      default:
        return this.#refuseValue(type);
    }
  }

  #readText(): string | null {
    const cursor = this.#cursor;
    cursor.readBytes();
    const { bytes } = cursor;
    let start = cursor.rangeStart;
    let end = cursor.rangeEnd;
    for (let at = start; at < end; at++)
      if (FIELD_VALUE[bytes[at]!] === 0) return this.#refuseValue("text with a control character");
    while (start < end && isSpace(bytes[start]!)) start++;
    while (end > start && isSpace(bytes[end - 1]!)) end--;
    const keptStart = this.#keep(start, end);
    return this.#add(keptStart, keptStart + end - start);
  }

  #addText(text: string): string | null {
    const copies = this.#copies!;
    const start = copies.end;
    copies.writeLatin1(text);
    return this.#add(start, copies.end);
  }

  #add(valueStart: number, valueEnd: number): string | null {
    if (this.#fields.count === FIELD_COUNT_MAX)
      return `it has more header fields than ${FIELD_COUNT_MAX}, which are allowed`;
    this.#byteCount += this.#nameEnd - this.#nameStart + valueEnd - valueStart;
    if (this.#byteCount > FIELD_BYTES_MAX)
      return `its headers have more bytes than ${FIELD_BYTES_MAX}, which are allowed`;
    this.#fields.add(this.#nameStart, this.#nameEnd, valueStart, valueEnd, this.#nameHash);
    return null;
  }

  /** Leaves `[start, end)` of the frame where it lies, or copies it. @returns where it begins now. */
  #keep(start: number, end: number): number {
    if (this.#copies === null) return start;
    const keptStart = this.#copies.end;
    this.#copies.writeBytes(this.#cursor.bytes, start, end);
    return keptStart;
  }

  #refuseValue(what: string): string {
    const name = quoteRange(this.#copies?.bytes ?? this.#cursor.bytes, this.#nameStart, this.#nameEnd);
    return `a value of the header ${name} is ${what}, only text, finite numbers, booleans, nil and lists of them are allowed`;
  }
}

function isSpace(octet: number): boolean {
  return octet === SP || octet === HTAB;
}

function quoteRange(bytes: Buffer, start: number, end: number): string {
  return quote(bytes.toString("latin1", start, Math.min(end, start + SHOWN_NAME_BYTES)));
}

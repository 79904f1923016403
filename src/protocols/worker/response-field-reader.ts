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
 * content (RFC 9110 §5.1, §5.5), so that no worker can split a response; and nothing is copied before the limits have let it through.
 */
export class ResponseFieldReader {
  #cursor: MsgpackCursor = NO_CURSOR;
  #fields: FieldBlock = NO_FIELDS;
  #isRendering = false;
  readonly #copies: Arena = new Arena();
  #byteCount = 0;
  /** Where the name lies in the frame, unless it is a number and `#nameText` holds it. */
  #nameStart = 0;
  #nameEnd = 0;
  #nameText: string | null = null;
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
    this.#isRendering = false;
    let refusal = this.#readHeaders();
    if (refusal === NEEDS_RENDERING) {
      cursor.at = start;
      this.#isRendering = true;
      this.#copies.truncate(0);
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
    if (type === "integer") {
      if (!this.#isRendering) return NEEDS_RENDERING;
      this.#nameText = cursor.readIntegerText();
      this.#nameHash = hashName(this.#nameText);
      return null;
    }
    if (type !== "string" && type !== "binary")
      return `a header name is of type ${type}, only str, bin and int are allowed`;
    cursor.readBytes();
    const { bytes, rangeStart, rangeEnd } = cursor;
    let hash = 0;
    for (let at = rangeStart; at < rangeEnd; at++) {
      const octet = bytes[at]!;
      if (TOKEN[octet] === 0)
        return `the header name ${quoteRange(bytes, rangeStart, rangeEnd)} is not a token, which names are`;
      hash = (Math.imul(hash, 31) + (octet | 0x20)) >>> 0;
    }
    if (rangeStart === rangeEnd) return "a header name is empty, a token is allowed";
    this.#nameStart = rangeStart;
    this.#nameEnd = rangeEnd;
    this.#nameText = null;
    this.#nameHash = hash;
    return null;
  }

  #readValues(): string | null {
    const cursor = this.#cursor;
    const type = cursor.peekType();
    if (type === "array") {
      for (let left = cursor.readArrayHeader(); left > 0; left--) {
        const refusal = this.#readValue();
        if (refusal !== null) return refusal;
      }
      return null;
    }
    if (type !== "map") return this.#readValue();
    // A PHP list with holes in it is packed as a map whose keys are its indices.
    for (let left = cursor.readMapHeader(); left > 0; left--) {
      if (cursor.peekType() !== "integer") return this.#refuseValue("a map");
      cursor.readNumber();
      const refusal = this.#readValue();
      if (refusal !== null) return refusal;
    }
    return null;
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
        return this.#isRendering ? this.#addRendered(cursor.readIntegerText()) : NEEDS_RENDERING;
      case "boolean":
        return this.#isRendering ? this.#addRendered(String(cursor.readBoolean())) : NEEDS_RENDERING;
      case "float": {
        if (!this.#isRendering) return NEEDS_RENDERING;
        const value = cursor.readNumber();
        return Number.isFinite(value) ? this.#addRendered(String(value)) : this.#refuseValue(String(value));
      }
      default:
        return this.#refuseValue(`of type ${type}`);
    }
  }

  #readText(): string | null {
    const cursor = this.#cursor;
    cursor.readBytes();
    const { bytes } = cursor;
    let start = cursor.rangeStart;
    let end = cursor.rangeEnd;
    for (let at = start; at < end; at++) {
      if (FIELD_VALUE[bytes[at]!] === 0) return this.#refuseValue("text with a control character");
    }
    while (start < end && isSpace(bytes[start]!)) start++;
    while (end > start && isSpace(bytes[end - 1]!)) end--;
    const refusal = this.#admit(end - start);
    if (refusal !== null) return refusal;
    if (this.#isRendering) {
      const nameStart = this.#copyName();
      const valueStart = this.#copies.end;
      this.#copies.writeBytes(bytes, start, end);
      this.#fields.add(nameStart, valueStart, valueStart, this.#copies.end, this.#nameHash);
    } else {
      this.#fields.add(this.#nameStart, this.#nameEnd, start, end, this.#nameHash);
    }
    return null;
  }

  #addRendered(text: string): string | null {
    const refusal = this.#admit(text.length);
    if (refusal !== null) return refusal;
    const nameStart = this.#copyName();
    const valueStart = this.#copies.end;
    this.#copies.writeLatin1(text);
    this.#fields.add(nameStart, valueStart, valueStart, this.#copies.end, this.#nameHash);
    return null;
  }

  #copyName(): number {
    const start = this.#copies.end;
    if (this.#nameText === null) this.#copies.writeBytes(this.#cursor.bytes, this.#nameStart, this.#nameEnd);
    else this.#copies.writeLatin1(this.#nameText);
    return start;
  }

  /** Counts one more field, or says why there is no room for it. */
  #admit(valueByteLength: number): string | null {
    this.#byteCount += (this.#nameText?.length ?? this.#nameEnd - this.#nameStart) + valueByteLength;
    if (this.#fields.count === FIELD_COUNT_MAX)
      return `it has more header fields than the ${FIELD_COUNT_MAX} that are allowed`;
    if (this.#byteCount > FIELD_BYTES_MAX)
      return `its headers have more bytes than the ${FIELD_BYTES_MAX} that are allowed`;
    return null;
  }

  #refuseValue(what: string): string {
    const name = this.#nameText ?? quoteRange(this.#cursor.bytes, this.#nameStart, this.#nameEnd);
    return `a value of the header ${name} is ${what}, only text, finite numbers, booleans, nil and lists of them are allowed`;
  }
}

function isSpace(octet: number): boolean {
  return octet === SP || octet === HTAB;
}

function quoteRange(bytes: Buffer, start: number, end: number): string {
  return quote(bytes.toString("latin1", start, Math.min(end, start + SHOWN_NAME_BYTES)));
}

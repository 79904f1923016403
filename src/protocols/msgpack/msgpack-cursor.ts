import { MsgpackError } from "./msgpack-error.ts";
import { decodeNumber, numberByteLength, readUint16, readUint32 } from "./msgpack-number.ts";
import { MSGPACK_TAG as TAG } from "./msgpack-tag.ts";
import { type MsgpackType, typeOfTag } from "./msgpack-type.ts";

const EMPTY = Buffer.alloc(0);

/** How deep `skip` follows arrays and maps when nothing else is said. */
const DEPTH_MAX = 32;

/**
 * Walks MessagePack in place: values are read where they lie, and nothing is built that the reader did not ask for.
 *
 * Invariant: `at <= end`, and every length is checked against `end` before it is used, so that a hostile length costs nothing. Every
 * method either moves `at` behind what it read or throws a `MsgpackError`, after which the cursor is of no use until it is reset.
 */
export class MsgpackCursor {
  bytes: Buffer = EMPTY;
  /** Offset of the next value. */
  at = 0;
  /** Offset after the last byte that may be read. */
  end = 0;
  /** Where the string or binary that was read last lies in `bytes`. */
  rangeStart = 0;
  rangeEnd = 0;
  readonly #depthMax: number;
  #frameStart = 0;

  /** @param depthMax how many arrays and maps may lie in each other inside one skipped value; 32 by default. */
  constructor(depthMax: number = DEPTH_MAX) {
    this.#depthMax = depthMax;
  }

  /** Begins to read `bytes[start, end)`. */
  reset(bytes: Buffer, start: number, end: number): void {
    this.bytes = bytes;
    this.at = this.#frameStart = start;
    this.end = end;
  }

  get isAtEnd(): boolean {
    return this.at === this.end;
  }

  /** What the next value is; the cursor does not move. */
  peekType(): MsgpackType {
    return typeOfTag(this.#peekTag());
  }

  /** Moves behind a nil, if the next value is one, and says whether it did. */
  tryReadNil(): boolean {
    if (this.#peekTag() !== TAG.nil) return false;
    this.at++;
    return true;
  }

  readBoolean(): boolean {
    const tag = this.#peekTag();
    if (tag !== TAG.true && tag !== TAG.false) throw this.#unexpected("a boolean");
    this.at++;
    return tag === TAG.true;
  }

  /** Reads an integer of any width or a float. Integers beyond 2^53 lose their last digits: `Number.isSafeInteger` tells. */
  readNumber(): number {
    const tag = this.#peekTag();
    if (tag < TAG.fixMap) {
      this.at++;
      return tag;
    }
    if (tag >= TAG.negativeFixInt) {
      this.at++;
      return tag - 0x100;
    }
    if (tag < TAG.float32 || tag > TAG.int64) throw this.#unexpected("a number");
    return decodeNumber(tag, this.bytes, this.#take(numberByteLength(tag)));
  }

  /** Reads an integer of any width as decimal text, exact in all 64 bits. */
  readIntegerText(): string {
    const tag = this.#peekTag();
    if (tag === TAG.uint64) return this.bytes.readBigUInt64BE(this.#take(8)).toString();
    if (tag === TAG.int64) return this.bytes.readBigInt64BE(this.#take(8)).toString();
    if (this.peekType() !== "integer") throw this.#unexpected("an integer");
    return String(this.readNumber());
  }

  /** Finds a string or a binary, which differ only in what their writer called them: its bytes are `bytes[rangeStart, rangeEnd)`. */
  readBytes(): void {
    const tag = this.#peekTag();
    let byteLength: number;
    if (tag >= TAG.fixStr && tag < TAG.nil) {
      byteLength = tag & 0x1f;
      this.at++;
    } else if (tag >= TAG.str8 && tag <= TAG.str32) {
      byteLength = this.#readLength(1 << (tag - TAG.str8));
    } else if (tag >= TAG.bin8 && tag <= TAG.bin32) {
      byteLength = this.#readLength(1 << (tag - TAG.bin8));
    } else {
      throw this.#unexpected("a string or binary");
    }
    this.#requireRoom(byteLength, "string");
    this.rangeStart = this.at;
    this.at += byteLength;
    this.rangeEnd = this.at;
  }

  /** Reads the header of an array, whose values follow. @returns how many there are, which is at most the bytes that are left. */
  readArrayHeader(): number {
    const tag = this.#peekTag();
    let count: number;
    if (tag >= TAG.fixArray && tag < TAG.fixStr) {
      count = tag & 0x0f;
      this.at++;
    } else if (tag === TAG.array16 || tag === TAG.array32) {
      count = this.#readLength(tag === TAG.array16 ? 2 : 4);
    } else {
      throw this.#unexpected("an array");
    }
    this.#requireRoom(count, "array");
    return count;
  }

  /** Reads the header of a map, whose keys follow, each with its value behind it. @returns how many pairs, at most half the bytes left. */
  readMapHeader(): number {
    const tag = this.#peekTag();
    let count: number;
    if (tag >= TAG.fixMap && tag < TAG.fixArray) {
      count = tag & 0x0f;
      this.at++;
    } else if (tag === TAG.map16 || tag === TAG.map32) {
      count = this.#readLength(tag === TAG.map16 ? 2 : 4);
    } else {
      throw this.#unexpected("a map");
    }
    this.#requireRoom(count * 2, "map");
    return count;
  }

  /** Moves behind the next value, whatever it is. `depth` is how many arrays and maps it already lies in. */
  skip(depth = 0): void {
    switch (this.peekType()) {
      case "nil":
      case "boolean":
        this.at++;
        return;
      case "integer":
      case "float":
        this.readNumber();
        return;
      case "string":
      case "binary":
        this.readBytes();
        return;
      case "extension":
        this.#skipExtension();
        return;
      case "array":
        this.#skipValues(this.readArrayHeader(), depth + 1);
        return;
      case "map":
        this.#skipValues(this.readMapHeader() * 2, depth + 1);
        return;
      case "unused":
        throw this.#malformed("no value begins with 0xc1");
    }
  }

  #skipValues(count: number, depth: number): void {
    if (depth > this.#depthMax) {
      throw new MsgpackError(
        "VILYA_MSGPACK_TOO_DEEP",
        `Cannot read the value at byte ${this.at - this.#frameStart}: arrays and maps nest deeper, ${this.#depthMax} levels are allowed`,
      );
    }
    for (let left = count; left > 0; left--) this.skip(depth);
  }

  #skipExtension(): void {
    const tag = this.#peekTag();
    const byteLength = tag >= TAG.fixExt1 ? 1 << (tag - TAG.fixExt1) : this.#readLength(1 << (tag - TAG.ext8));
    if (tag >= TAG.fixExt1) this.at++;
    this.#requireRoom(byteLength + 1, "extension");
    this.at += byteLength + 1;
  }

  #peekTag(): number {
    if (this.at >= this.end) throw this.#malformed("it ends where a value must begin");
    return this.bytes[this.at]!;
  }

  /** Moves behind a tag and its `byteLength` bytes. @returns where those bytes begin. */
  #take(byteLength: number): number {
    const at = this.at + 1;
    if (byteLength > this.end - at) throw this.#malformed("it ends inside a value");
    this.at = at + byteLength;
    return at;
  }

  #readLength(width: number): number {
    const at = this.#take(width);
    if (width === 1) return this.bytes[at]!;
    return width === 2 ? readUint16(this.bytes, at) : readUint32(this.bytes, at);
  }

  #requireRoom(byteCount: number, what: string): void {
    if (byteCount > this.end - this.at)
      throw this.#malformed(`this ${what} needs ${byteCount} bytes and ${this.end - this.at} are left`);
  }

  #malformed(state: string): MsgpackError {
    return new MsgpackError(
      "VILYA_MSGPACK_MALFORMED",
      `Cannot read the value at byte ${this.at - this.#frameStart}: ${state}`,
    );
  }

  #unexpected(allowed: string): MsgpackError {
    return new MsgpackError(
      "VILYA_MSGPACK_UNEXPECTED_TYPE",
      `Cannot read the value at byte ${this.at - this.#frameStart}: it is of type ${this.peekType()}, only ${allowed} is allowed`,
    );
  }
}

import { KeyCache } from "./key-cache.ts";

/** What a frame holds. A *str* is text of which each character is one byte (Latin-1), because this wire does not say what text its bytes are. */
export type WireValue = null | boolean | number | string | Uint8Array | readonly WireValue[] | WireMap | UnreadMap;

/** Keys that are no text are left out, as W1.12 allows. */
export interface WireMap {
  readonly [key: string]: WireValue | undefined;
}

/** The engine has sent what is no MessagePack map: nothing behind it can be trusted. */
export class FrameError extends Error {
  override readonly name = "FrameError";
}

/** A value of a frame that nobody has looked at: to make its texts costs more than to read the rest of a small request. */
export class UnreadMap {
  readonly #bytes: Buffer;
  readonly #start: number;
  readonly #end: number;

  constructor(bytes: Buffer, start: number = 0, end: number = bytes.length) {
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
  }

  /** @throws {FrameError} when it is no map, or holds what is no MessagePack. */
  read(): WireMap {
    return readMap(this.#bytes, this.#start, this.#end);
  }
}

/**
 * Reads the MessagePack map that lies from `start` to `end`. Nothing is copied: a *bin* is a view of `bytes`.
 *
 * @throws {FrameError} for anything else, and for bytes behind it.
 */
export function readMap(bytes: Buffer, start: number = 0, end: number = bytes.length): WireMap {
  return new Reader(bytes, start, end).readWhole();
}

/** As `readMap`, but leaves the `headers` unread. */
export function readFrame(bytes: Buffer, start: number = 0, end: number = bytes.length): WireMap {
  return new Reader(bytes, start, end).readWhole("headers");
}

/** The text whose UTF-8 bytes a Latin-1 *str* holds. */
export function asUtf8(text: string): string {
  return Buffer.from(text, "latin1").toString("utf8");
}

/** The text of a key, one character a byte; empty when it is missing or something else. */
export function textOf(map: WireMap, key: string): string {
  const value = map[key];
  if (typeof value === "string") return value;
  return value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : "";
}

const KEYS = new KeyCache();

/** Frames up to this are made text once, and every *str* is a part of it; of larger ones most is a body, which nobody wants as text. */
const TEXT_BYTES_MAX = 16_384;

class Reader {
  readonly #bytes: Buffer;
  readonly #start: number;
  readonly #end: number;
  /** From `#start` to `#end`. */
  readonly #text: string | null;
  #at: number;

  constructor(bytes: Buffer, start: number, end: number) {
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
    this.#text = end - start <= TEXT_BYTES_MAX ? bytes.toString("latin1", start, end) : null;
    this.#at = start;
  }

  /** The map that all bytes are; the value of its key `unreadKey` is left unread. */
  readWhole(unreadKey: string | null = null): WireMap {
    const count = this.#readMapCount();
    if (count === null) throw new FrameError("Cannot read a frame: it is not a map");
    const map = this.#readMap(count, unreadKey);
    if (this.#at < this.#end) throw new FrameError("Cannot read a frame: it has bytes behind its map");
    return map;
  }

  /** `null` when something else is here. */
  #readMapCount(): number | null {
    const tag = this.#readTag();
    if (tag >= 0x80 && tag < 0x90) return tag & 0x0f;
    return tag === 0xde || tag === 0xdf ? this.#readUint(2 << (tag - 0xde)) : null;
  }

  readValue(): WireValue {
    const tag = this.#readTag();
    if (tag < 0x80) return tag;
    if (tag < 0x90) return this.#readMap(tag & 0x0f);
    if (tag < 0xa0) return this.#readArray(tag & 0x0f);
    if (tag < 0xc0) return this.#readStr(tag & 0x1f);
    if (tag >= 0xe0) return tag - 0x100;
    return this.#readTagged(tag);
  }

  #readTagged(tag: number): WireValue {
    const bytes = this.#bytes;
    switch (tag) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return this.#readBin(this.#readUint(1 << (tag - 0xc4)));
      case 0xca:
        return bytes.readFloatBE(this.#skip(4));
      case 0xcb:
        return bytes.readDoubleBE(this.#skip(8));
      case 0xcc:
      case 0xcd:
      case 0xce:
        return this.#readUint(1 << (tag - 0xcc));
      case 0xcf:
        return Number(bytes.readBigUInt64BE(this.#skip(8)));
      case 0xd0:
        return bytes.readInt8(this.#skip(1));
      case 0xd1:
        return bytes.readInt16BE(this.#skip(2));
      case 0xd2:
        return bytes.readInt32BE(this.#skip(4));
      case 0xd3:
        return Number(bytes.readBigInt64BE(this.#skip(8)));
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.#readStr(this.#readUint(1 << (tag - 0xd9)));
      case 0xdc:
      case 0xdd:
        return this.#readArray(this.#readUint(2 << (tag - 0xdc)));
      case 0xde:
      case 0xdf:
        return this.#readMap(this.#readUint(2 << (tag - 0xde)));
      default:
        return this.#skipExtension(tag);
    }
  }

  #readUint(byteLength: number): number {
    const start = this.#skip(byteLength);
    // Lengths of one byte are by far the most.
    return byteLength === 1 ? this.#bytes[start]! : this.#bytes.readUIntBE(start, byteLength);
  }

  #readStr(byteLength: number): string {
    const start = this.#skip(byteLength);
    const text = this.#text;
    if (text === null) return this.#bytes.toString("latin1", start, this.#at);
    return text.slice(start - this.#start, this.#at - this.#start);
  }

  #readBin(byteLength: number): Uint8Array {
    const start = this.#skip(byteLength);
    return this.#bytes.subarray(start, this.#at);
  }

  #readArray(count: number): WireValue[] {
    const values: WireValue[] = [];
    for (let left = count; left > 0; left--) values.push(this.readValue());
    return values;
  }

  #readMap(count: number, unreadKey: string | null = null): WireMap {
    const map: Record<string, WireValue> = {};
    for (let left = count; left > 0; left--) {
      const key = this.#readKey();
      const value = key !== null && key === unreadKey ? this.#leaveValue() : this.readValue();
      if (key === null) continue;
      // A header field may have this name, and must not become the map's prototype.
      if (key === "__proto__") Object.defineProperty(map, key, { value, enumerable: true });
      else map[key] = value;
    }
    return map;
  }

  #leaveValue(): UnreadMap {
    const start = this.#at;
    for (let left = 1; left > 0; left--) left += this.#stepOver();
    return new UnreadMap(this.#bytes, start, this.#at);
  }

  /** Steps over a value, or into a list or map: returns how many values that has. */
  #stepOver(): number {
    const tag = this.#readTag();
    if (tag >= 0x80 && tag < 0x90) return 2 * (tag & 0x0f);
    if (tag >= 0x90 && tag < 0xa0) return tag & 0x0f;
    if (tag >= 0xa0 && tag < 0xc0) this.#skip(tag & 0x1f);
    else if (tag >= 0xd9 && tag <= 0xdb) this.#skip(this.#readUint(1 << (tag - 0xd9)));
    else if (tag === 0xdc || tag === 0xdd) return this.#readUint(2 << (tag - 0xdc));
    else if (tag === 0xde || tag === 0xdf) return 2 * this.#readUint(2 << (tag - 0xde));
    else if (tag >= 0x80 && tag < 0xe0) this.#readTagged(tag);
    return 0;
  }

  /** `null` for a key that is no text. */
  #readKey(): string | null {
    const tag = this.#at < this.#end ? this.#bytes[this.#at]! : 0;
    if (tag >= 0xa0 && tag < 0xc0) {
      this.#at++;
      const start = this.#skip(tag & 0x1f);
      return KEYS.read(this.#bytes, start, this.#at);
    }
    const key = this.readValue();
    return typeof key === "string" ? key : null;
  }

  /** Extensions mean nothing here. */
  #skipExtension(tag: number): null {
    if (tag >= 0xd4 && tag <= 0xd8) this.#skip(1 + (1 << (tag - 0xd4)));
    else if (tag >= 0xc7 && tag <= 0xc9) this.#skip(this.#readUint(1 << (tag - 0xc7)) + 1);
    else throw new FrameError(`Cannot read a frame: 0x${tag.toString(16)} is no MessagePack type`);
    return null;
  }

  #readTag(): number {
    return this.#bytes[this.#skip(1)]!;
  }

  /** Steps over so many bytes; returns where they begin. */
  #skip(byteLength: number): number {
    const start = this.#at;
    this.#at += byteLength;
    if (this.#at > this.#end) throw new FrameError("Cannot read a frame: it ends inside a value");
    return start;
  }
}

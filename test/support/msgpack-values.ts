/** An extension value: an application's own type. */
export class Extension {
  readonly type: number;
  readonly bytes: Buffer;

  constructor(type: number, bytes: Buffer) {
    this.type = type;
    this.bytes = bytes;
  }
}

/**
 * What MessagePack can say, as tests write it: a string is *str* in UTF-8, a Buffer *bin*, a bigint 64 bits wide, an integral number an
 * int and any other a 64-bit float. A `Map` keeps keys that are no strings.
 */
export type MsgpackValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Buffer
  | Extension
  | readonly MsgpackValue[]
  | ReadonlyMap<MsgpackValue, MsgpackValue>
  | { readonly [key: string]: MsgpackValue };

/** A frame of the worker protocol around one value. */
export function encodeFrame(value: MsgpackValue): Buffer {
  return frameOf(encodeValue(value));
}

/** A frame of the worker protocol around bytes, whatever they are. */
export function frameOf(payload: Buffer): Buffer {
  return Buffer.concat([unsigned(payload.length, 4), payload]);
}

/** Written for clarity and apart from the engine's own writer, so that one can be held against the other. */
export function encodeValue(value: MsgpackValue): Buffer {
  if (value === null) return Buffer.of(0xc0);
  if (typeof value === "boolean") return Buffer.of(value ? 0xc3 : 0xc2);
  if (typeof value === "bigint") return encodeBigInt(value);
  if (typeof value === "number") return encodeNumber(value);
  if (typeof value === "string") return encodeString(Buffer.from(value));
  if (Buffer.isBuffer(value)) return Buffer.concat([header(value.length, [0xc4, 0xc5, 0xc6]), value]);
  if (value instanceof Extension) return encodeExtension(value);
  if (Array.isArray(value)) return encodeArray(value as readonly MsgpackValue[]);
  return encodeMap(value instanceof Map ? [...value] : Object.entries(value));
}

/** A *str* of any bytes, which is what PHP packs them as. */
export function encodeString(bytes: Buffer): Buffer {
  const start = bytes.length < 32 ? Buffer.of(0xa0 | bytes.length) : header(bytes.length, [0xd9, 0xda, 0xdb]);
  return Buffer.concat([start, bytes]);
}

function encodeNumber(value: number): Buffer {
  if (!Number.isInteger(value)) {
    const bytes = Buffer.alloc(9, 0xcb);
    bytes.writeDoubleBE(value, 1);
    return bytes;
  }
  if (value >= 0) return value < 0x80 ? Buffer.of(value) : encodeUnsigned(value);
  if (value >= -0x20) return Buffer.of(value + 0x100);
  return encodeBigInt(BigInt(value));
}

function encodeUnsigned(value: number): Buffer {
  if (value <= 0xff) return Buffer.of(0xcc, value);
  if (value <= 0xffff) return Buffer.concat([Buffer.of(0xcd), unsigned(value, 2)]);
  if (value <= 0xffff_ffff) return Buffer.concat([Buffer.of(0xce), unsigned(value, 4)]);
  return encodeBigInt(BigInt(value));
}

function encodeBigInt(value: bigint): Buffer {
  const bytes = Buffer.alloc(9, value < 0n ? 0xd3 : 0xcf);
  if (value < 0n) bytes.writeBigInt64BE(value, 1);
  else bytes.writeBigUInt64BE(value, 1);
  return bytes;
}

function encodeExtension({ type, bytes }: Extension): Buffer {
  const fixed = [1, 2, 4, 8, 16].indexOf(bytes.length);
  const start = fixed === -1 ? header(bytes.length, [0xc7, 0xc8, 0xc9]) : Buffer.of(0xd4 + fixed);
  return Buffer.concat([start, Buffer.of(type), bytes]);
}

function encodeArray(values: readonly MsgpackValue[]): Buffer {
  const start = values.length < 16 ? Buffer.of(0x90 | values.length) : header(values.length, [null, 0xdc, 0xdd]);
  return Buffer.concat([start, ...values.map(encodeValue)]);
}

function encodeMap(pairs: readonly (readonly [MsgpackValue, MsgpackValue])[]): Buffer {
  const start = pairs.length < 16 ? Buffer.of(0x80 | pairs.length) : header(pairs.length, [null, 0xde, 0xdf]);
  return Buffer.concat([start, ...pairs.flat().map(encodeValue)]);
}

/** The tags of a length in 8, 16 and 32 bits, `null` where there is none. */
function header(length: number, [tag8, tag16, tag32]: readonly [number | null, number, number]): Buffer {
  if (length <= 0xff && tag8 !== null) return Buffer.of(tag8, length);
  return length <= 0xffff
    ? Buffer.concat([Buffer.of(tag16), unsigned(length, 2)])
    : Buffer.concat([Buffer.of(tag32), unsigned(length, 4)]);
}

function unsigned(value: number, byteLength: number): Buffer {
  const bytes = Buffer.alloc(byteLength);
  bytes.writeUIntBE(value, 0, byteLength);
  return bytes;
}

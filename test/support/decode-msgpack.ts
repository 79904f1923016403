/** MessagePack as plain values: str and bin are text of one character a byte, maps are Maps, extensions are left out. */
export type PlainValue = null | boolean | number | string | readonly PlainValue[] | ReadonlyMap<PlainValue, PlainValue>;

/** Decodes what the engine writes, apart from the engine's own reader. Throws when `bytes` are not exactly one value. */
export function decodeMsgpack(bytes: Buffer): PlainValue {
  const reader = { bytes, at: 0 };
  const value = decodeNext(reader);
  if (reader.at !== bytes.length) throw new Error(`${bytes.length - reader.at} bytes follow the value`);
  return value;
}

interface Reader {
  readonly bytes: Buffer;
  at: number;
}

function decodeNext(reader: Reader): PlainValue {
  const tag = unsigned(reader, 1);
  if (tag < 0x80) return tag;
  if (tag < 0x90) return map(reader, tag & 0x0f);
  if (tag < 0xa0) return list(reader, tag & 0x0f);
  if (tag < 0xc0) return text(reader, tag & 0x1f);
  switch (tag) {
    case 0xc0:
      return null;
    case 0xc2:
    case 0xc3:
      return tag === 0xc3;
    case 0xc4:
    case 0xc5:
    case 0xc6:
      return text(reader, unsigned(reader, 1 << (tag - 0xc4)));
    case 0xcc:
    case 0xcd:
    case 0xce:
      return unsigned(reader, 1 << (tag - 0xcc));
    case 0xcf:
      return unsigned(reader, 4) * 2 ** 32 + unsigned(reader, 4);
    case 0xd9:
    case 0xda:
    case 0xdb:
      return text(reader, unsigned(reader, 1 << (tag - 0xd9)));
    case 0xdc:
    case 0xdd:
      return list(reader, unsigned(reader, 2 << (tag - 0xdc)));
    case 0xde:
    case 0xdf:
      return map(reader, unsigned(reader, 2 << (tag - 0xde)));
    default:
      throw new Error(`the engine writes nothing that begins with ${tag}`);
  }
}

function unsigned(reader: Reader, byteLength: number): number {
  reader.at += byteLength;
  return reader.bytes.readUIntBE(reader.at - byteLength, byteLength);
}

function text(reader: Reader, byteLength: number): string {
  reader.at += byteLength;
  if (reader.at > reader.bytes.length) throw new Error("text is cut");
  return reader.bytes.toString("latin1", reader.at - byteLength, reader.at);
}

function list(reader: Reader, count: number): readonly PlainValue[] {
  return Array.from({ length: count }, () => decodeNext(reader));
}

function map(reader: Reader, count: number): ReadonlyMap<PlainValue, PlainValue> {
  return new Map(Array.from({ length: count }, () => [decodeNext(reader), decodeNext(reader)]));
}

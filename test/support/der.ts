// X.690: the tags that certificates need.
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const OBJECT_IDENTIFIER = 0x06;
const UTF8_STRING = 0x0c;
const GENERALIZED_TIME = 0x18;
const SEQUENCE = 0x30;
const SET = 0x31;

const CONSTRUCTED_CONTEXT = 0xa0;
const CONTEXT = 0x80;

/** Distinguished encoding of ASN.1 values, as far as tests make certificates of it. */
export const der = {
  integer: (value: bigint): Buffer => {
    const hex = value.toString(16);
    const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
    return tlv(INTEGER, (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes);
  },
  bitString: (bytes: Buffer): Buffer => tlv(BIT_STRING, Buffer.of(0), bytes),
  octetString: (bytes: Buffer): Buffer => tlv(OCTET_STRING, bytes),
  boolean: (value: boolean): Buffer => tlv(0x01, Buffer.of(value ? 0xff : 0)),
  text: (text: string): Buffer => tlv(UTF8_STRING, Buffer.from(text)),
  /** RFC 5280 wants UTCTime before 2050; no reader minds. */
  time: (date: Date): Buffer => {
    const digits = date.toISOString().replace(/\.\d+|[-:T]/g, "");
    return tlv(GENERALIZED_TIME, Buffer.from(digits, "latin1"));
  },
  objectIdentifier: (dotted: string): Buffer => {
    const [first = 0, second = 0, ...arcs] = dotted.split(".").map(Number);
    return tlv(OBJECT_IDENTIFIER, Buffer.from([first * 40 + second, ...arcs.flatMap(base128)]));
  },
  sequence: (...items: readonly Buffer[]): Buffer => tlv(SEQUENCE, ...items),
  set: (...items: readonly Buffer[]): Buffer => tlv(SET, ...items),
  /** `[n] EXPLICIT`. */
  explicit: (number: number, item: Buffer): Buffer => tlv(CONSTRUCTED_CONTEXT | number, item),
  /** `[n] IMPLICIT` of something primitive. */
  implicit: (number: number, bytes: Buffer): Buffer => tlv(CONTEXT | number, bytes),
} as const;

function tlv(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.of(tag, ...lengthOctets(content.length)), content]);
}

function lengthOctets(length: number): readonly number[] {
  if (length < 0x80) return [length];
  return length < 0x100 ? [0x81, length] : [0x82, length >>> 8, length & 0xff];
}

function base128(arc: number): readonly number[] {
  const octets = [arc & 0x7f];
  for (let rest = arc >>> 7; rest > 0; rest >>>= 7) octets.unshift((rest & 0x7f) | 0x80);
  return octets;
}

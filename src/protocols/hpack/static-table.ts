import { hashName } from "../http/field-block.ts";

/** RFC 7541 appendix A in its order, from index 1: the name, and the value where the entry has one. */
const ENTRIES: readonly (readonly [name: string, value?: string])[] = [
  [":authority"],
  [":method", "GET"],
  [":method", "POST"],
  [":path", "/"],
  [":path", "/index.html"],
  [":scheme", "http"],
  [":scheme", "https"],
  [":status", "200"],
  [":status", "204"],
  [":status", "206"],
  [":status", "304"],
  [":status", "400"],
  [":status", "404"],
  [":status", "500"],
  ["accept-charset"],
  ["accept-encoding", "gzip, deflate"],
  ["accept-language"],
  ["accept-ranges"],
  ["accept"],
  ["access-control-allow-origin"],
  ["age"],
  ["allow"],
  ["authorization"],
  ["cache-control"],
  ["content-disposition"],
  ["content-encoding"],
  ["content-language"],
  ["content-length"],
  ["content-location"],
  ["content-range"],
  ["content-type"],
  ["cookie"],
  ["date"],
  ["etag"],
  ["expect"],
  ["expires"],
  ["from"],
  ["host"],
  ["if-match"],
  ["if-modified-since"],
  ["if-none-match"],
  ["if-range"],
  ["if-unmodified-since"],
  ["last-modified"],
  ["link"],
  ["location"],
  ["max-forwards"],
  ["proxy-authenticate"],
  ["proxy-authorization"],
  ["range"],
  ["referer"],
  ["refresh"],
  ["retry-after"],
  ["server"],
  ["set-cookie"],
  ["strict-transport-security"],
  ["transfer-encoding"],
  ["user-agent"],
  ["vary"],
  ["via"],
  ["www-authenticate"],
];

/** Entries of the static table; indexes above it are those of the dynamic table. */
export const STATIC_COUNT: number = ENTRIES.length;

/** The names and values of all entries, one after the other: those of one entry are adjacent. */
export const STATIC_TEXT: Buffer = Buffer.from(ENTRIES.map(([name, value = ""]) => name + value).join(""), "latin1");

/** By index: where the entry's name starts in `STATIC_TEXT`, where its value does, and where that ends. */
export const STATIC_NAME_START: Uint16Array = new Uint16Array(STATIC_COUNT + 1);
export const STATIC_VALUE_START: Uint16Array = new Uint16Array(STATIC_COUNT + 1);
export const STATIC_VALUE_END: Uint16Array = new Uint16Array(STATIC_COUNT + 1);

/** The first index of each name. */
const indexByName = new Map<string, number>();
const indexByHash = new Map<number, number>();

let offset = 0;
for (const [position, [name, value = ""]] of ENTRIES.entries()) {
  const index = position + 1;
  STATIC_NAME_START[index] = offset;
  STATIC_VALUE_START[index] = offset + name.length;
  STATIC_VALUE_END[index] = offset += name.length + value.length;
  if (indexByName.has(name)) continue;
  indexByName.set(name, index);
  indexByHash.set(hashName(name), index);
}

/** The first index of an entry named `lowerCaseName`, or 0. Makes no promise on speed: for constants. */
export function staticIndexOf(lowerCaseName: string): number {
  return indexByName.get(lowerCaseName) ?? 0;
}

/** The first index of an entry whose name may have this hash (see `hashName`), or 0: the caller compares the name. */
export function staticIndexOfHash(nameHash: number): number {
  return indexByHash.get(nameHash) ?? 0;
}

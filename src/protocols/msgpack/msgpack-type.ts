import { MSGPACK_TAG as TAG } from "./msgpack-tag.ts";

/** What a value is, as far as a reader has to choose; `unused` begins with the byte that is never assigned. */
export type MsgpackType =
  "nil" | "boolean" | "integer" | "float" | "string" | "binary" | "array" | "map" | "extension" | "unused";

/** What the value that begins with `tag` is. */
export function typeOfTag(tag: number): MsgpackType {
  if (tag < TAG.fixMap || tag >= TAG.negativeFixInt) return "integer";
  if (tag < TAG.fixArray) return "map";
  if (tag < TAG.fixStr) return "array";
  if (tag < TAG.nil) return "string";
  return TYPES[tag - TAG.nil]!;
}

/** The tags from `nil` to `map32`, in order. */
const TYPES: readonly MsgpackType[] = [
  "nil",
  "unused",
  "boolean",
  "boolean",
  "binary",
  "binary",
  "binary",
  "extension",
  "extension",
  "extension",
  "float",
  "float",
  "integer",
  "integer",
  "integer",
  "integer",
  "integer",
  "integer",
  "integer",
  "integer",
  "extension",
  "extension",
  "extension",
  "extension",
  "extension",
  "string",
  "string",
  "string",
  "array",
  "array",
  "map",
  "map",
];

import { type FieldBlock, hashName } from "./field-block.ts";
import { listHasToken } from "./octet-text.ts";
import { octetTable } from "./octets.ts";

/** 1 for every octet of a token: field names, methods, list elements. RFC 9110 §5.6.2. */
export const TOKEN: Uint8Array = octetTable(/[!#$%&'*+\-.^_`|~0-9A-Za-z]/);

/** 1 for every octet of a field value, white space and obs-text included: all but control characters. RFC 9110 §5.5. */
export const FIELD_VALUE: Uint8Array = octetTable(/[\t\x20-\x7e\x80-\xff]/);

/**
 * Fields that speak of one connection or frame one message: they are consumed where they arrive and never handed on. RFC 9110 §7.6.1, and
 * Content-Length, which whoever writes a message computes anew (RFC 9110 §8.6).
 */
const CONNECTION_FIELDS = [
  "connection",
  "content-length",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

const connectionFieldByHash = new Map(CONNECTION_FIELDS.map((name) => [hashName(name), name]));

/** 1 where the low octet of a name's hash may belong to a connection field: one load clears almost every other name. */
const MAY_BE_CONNECTION_FIELD = new Uint8Array(256);
for (const hash of connectionFieldByHash.keys()) MAY_BE_CONNECTION_FIELD[hash & 0xff] = 1;

/** True for Connection, Content-Length, Keep-Alive, Proxy-Connection, TE, Trailer, Transfer-Encoding and Upgrade. */
export function isConnectionField(fields: FieldBlock, index: number): boolean {
  const hash = fields.nameHash(index);
  if (MAY_BE_CONNECTION_FIELD[hash & 0xff] === 0) return false;
  const name = connectionFieldByHash.get(hash);
  return name !== undefined && fields.isNamed(index, name);
}

/** True when a Connection field, of which the one at `connection` is the first, lists the name of the field at `index`. RFC 9110 §7.6.1. */
export function isNominated(fields: FieldBlock, index: number, connection: number): boolean {
  const name = fields.name(index).toLowerCase();
  for (let at = connection; at !== -1; at = fields.find("connection", at + 1)) {
    if (listHasToken(fields.bytes, fields.valueStart(at), fields.valueEnd(at), name)) return true;
  }
  return false;
}

/** True when a field of this name lists this token, both in lower case. RFC 9110 §5.6.1. */
export function hasListToken(fields: FieldBlock, lowerCaseName: string, lowerCaseToken: string): boolean {
  for (let at = fields.find(lowerCaseName, 0); at !== -1; at = fields.find(lowerCaseName, at + 1)) {
    if (listHasToken(fields.bytes, fields.valueStart(at), fields.valueEnd(at), lowerCaseToken)) return true;
  }
  return false;
}

import type { ContentCoding } from "../../protocols/http/content-coding.ts";
import { type EntityTag, listHasTag, matchesStrongly, weaken } from "../../protocols/http/entity-tag.ts";
import type { FieldBlock } from "../../protocols/http/field-block.ts";
import { fieldBlockOf, fieldListOf, type OwnField } from "../../protocols/http/field-list.ts";
import { listHasToken } from "../../protocols/http/octet-text.ts";

/** Fields that speak of the bytes that are not sent: their count, their digests (RFC 9530 §3: those of the representation, too, in its coding), their ranges. */
const OF_THE_BYTES = new Set([
  "content-length",
  "content-md5",
  "content-digest",
  "repr-digest",
  "digest",
  "accept-ranges",
]);

/** The fields of an answer whose content is encoded. Its tag is weak from now on: it stands for other bytes. RFC 9110 §8.8.1. */
export function encodedFields(fields: FieldBlock, coding: ContentCoding): FieldBlock {
  const encoded: OwnField[] = [];
  for (const [name, value] of fieldListOf(fields)) {
    const lowerCaseName = name.toLowerCase();
    if (OF_THE_BYTES.has(lowerCaseName)) continue;
    encoded.push(lowerCaseName === "etag" ? [name, weaken(value)] : [name, value]);
  }
  encoded.push(["Content-Encoding", coding]);
  if (!variesByCoding(fields)) encoded.push(["Vary", "Accept-Encoding"]);
  return fieldBlockOf(encoded);
}

/** The fields of an answer that might have been encoded for another client. */
export function varyingFields(fields: FieldBlock): FieldBlock {
  return variesByCoding(fields) ? fields : fieldBlockOf([...fieldListOf(fields), ["Vary", "Accept-Encoding"]]);
}

/**
 * The fields of a 304 to a client that has the encoded answer, by the tag that went with it: a strong one would be another's (RFC 9110 §15.4.5), and
 * caches could not tell which answer it confirms (RFC 9111 §4.3.4).
 */
export function confirmingFields(fields: FieldBlock, ifNoneMatch: string | null): FieldBlock {
  const tag = fields.get("etag");
  if (tag === null || ifNoneMatch === null || !isEncodedTag(tag, ifNoneMatch)) return varyingFields(fields);
  const confirming = fieldListOf(fields).map(
    ([name, value]) => [name, name.toLowerCase() === "etag" ? weaken(value) : value] as const,
  );
  return varyingFields(fieldBlockOf(confirming));
}

function isEncodedTag(tag: EntityTag, ifNoneMatch: string): boolean {
  return listHasTag(ifNoneMatch, weaken(tag), (a, b) => a === b) && !listHasTag(ifNoneMatch, tag, matchesStrongly);
}

function variesByCoding(fields: FieldBlock): boolean {
  for (let at = fields.find("vary", 0); at !== -1; at = fields.find("vary", at + 1)) {
    const [start, end] = [fields.valueStart(at), fields.valueEnd(at)];
    if (listHasToken(fields.bytes, start, end, "accept-encoding") || listHasToken(fields.bytes, start, end, "*")) {
      return true;
    }
  }
  return false;
}

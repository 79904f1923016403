import type { ContentCoding } from "../../protocols/http/content-coding.ts";
import { weaken } from "../../protocols/http/entity-tag.ts";
import type { FieldBlock } from "../../protocols/http/field-block.ts";
import { fieldBlockOf, fieldListOf, type OwnField } from "../../protocols/http/field-list.ts";
import { listHasToken } from "../../protocols/http/octet-text.ts";

/** Fields that speak of the bytes that are not sent: their count, their digests, their ranges. */
const OF_THE_BYTES = new Set(["content-length", "content-md5", "content-digest", "accept-ranges"]);

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

function variesByCoding(fields: FieldBlock): boolean {
  for (let at = fields.find("vary", 0); at !== -1; at = fields.find("vary", at + 1)) {
    const [start, end] = [fields.valueStart(at), fields.valueEnd(at)];
    if (listHasToken(fields.bytes, start, end, "accept-encoding") || listHasToken(fields.bytes, start, end, "*")) {
      return true;
    }
  }
  return false;
}

import { FieldBlock, hashName } from "../protocols/http/field-block.ts";
import type { OutgoingResponse } from "./response-writer.ts";

/** Makes a response of the engine's own out of text. For answers that are made once, or rarely: it builds its fields each time. */
export function fixedResponse(
  status: number,
  fields: Readonly<Record<string, string>>,
  body: string,
): OutgoingResponse {
  let text = "";
  const block = new FieldBlock(Math.max(1, Object.keys(fields).length));
  for (const [name, value] of Object.entries(fields)) {
    const start = text.length;
    text += name + value;
    block.add(start, start + name.length, start + name.length, text.length, hashName(name.toLowerCase()));
  }
  block.bytes = Buffer.from(text, "latin1");
  const bodyBytes = Buffer.from(body);
  return { status, fields: block, bodyBytes, bodyStart: 0, bodyEnd: bodyBytes.length };
}

import { fieldBlockOf } from "../protocols/http/field-list.ts";
import type { OutgoingResponse } from "./response-writer.ts";

/** Makes a response of the engine's own out of text. For answers that are made once, or rarely: it builds its fields each time. */
export function fixedResponse(
  status: number,
  fields: Readonly<Record<string, string>>,
  body: string,
): OutgoingResponse {
  const bodyBytes = Buffer.from(body);
  return { status, fields: fieldBlockOf(Object.entries(fields)), bodyBytes, bodyStart: 0, bodyEnd: bodyBytes.length };
}

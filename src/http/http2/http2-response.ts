import type { Connection } from "../../kernel/connection.ts";
import type { FieldBlock } from "../../protocols/http/field-block.ts";
import { refusalText } from "../../protocols/http/refusal-text.ts";
import { encodeResponseHead, type OwnFields } from "../../protocols/http2/response-encoder.ts";
import type { Http2Sender } from "./http2-sender.ts";
import type { Http2Stream } from "./http2-stream.ts";
import type { OutgoingResponse, RefusalOptions } from "../response-writer.ts";

/** A head, and the engine's part of its fields. */
export interface Http2OutgoingHead {
  readonly status: number;
  readonly fields: FieldBlock | null;
  readonly altSvc: string | null;
}

/** Writes the head of a response and hands its content to the sender; returns false when there is no content, the stream being ended then. */
export function sendResponse(
  connection: Connection,
  sender: Http2Sender,
  stream: Http2Stream,
  { status, fields, bodyBytes, bodyStart, bodyEnd }: OutgoingResponse,
  altSvc: string | null,
): boolean {
  if (!sendHead(connection, sender, stream, { status, fields, altSvc }, bodyEnd - bodyStart)) return false;
  sender.send(stream, bodyBytes, bodyStart, bodyEnd, true);
  return true;
}

/** As `sendResponse`, for an error response of the engine's own: the status and its phrase as plain text. */
export function sendRefusal(
  connection: Connection,
  sender: Http2Sender,
  stream: Http2Stream,
  status: number,
  { allow, fields, errorId, retryAfterS, upgrade }: RefusalOptions,
  altSvc: string | null,
): boolean {
  const body = Buffer.from(refusalText(status, errorId), "latin1");
  const ownFields: [string, string][] = [["content-type", "text/plain"]];
  for (const [name, value] of fields ?? []) ownFields.push([name.toLowerCase(), value]);
  if (allow !== undefined) ownFields.push(["allow", allow]);
  if (retryAfterS !== undefined) ownFields.push(["retry-after", String(retryAfterS)]);
  if (upgrade !== undefined) ownFields.push(["sec-websocket-version", "13"]);
  if (!sendHead(connection, sender, stream, { status, fields: null, altSvc }, body.length, ownFields)) return false;
  sender.send(stream, body, 0, body.length, true);
  return true;
}

/** Writes the head of a response; returns whether content follows, and has ended the stream otherwise. */
export function sendHead(
  connection: Connection,
  sender: Http2Sender,
  { id: streamId, isHead }: Http2Stream,
  { status, fields, altSvc }: Http2OutgoingHead,
  bodyByteLength: number,
  ownFields?: OwnFields,
): boolean {
  const isTableDenied = sender.takeTableNotice();
  const head = {
    streamId,
    isTableDenied,
    status,
    fields,
    altSvc,
    bodyByteLength,
    isHead,
    versionMinor: 1,
    nowMs: Date.now(),
  } as const;
  return encodeResponseHead(connection.output(), head, ownFields);
}

import type { Arena } from "../../kernel/arena.ts";
import type { OwnField } from "../http/field-list.ts";
import { refusalText } from "../http/refusal-text.ts";
import { encodeHead } from "./response-encoder.ts";

/** A response of the engine's own, and what may be told to a client of why. */
export interface Refusal {
  /** 400 to 599. */
  readonly status: number;
  readonly isHead: boolean;
  /** Of the client; 1 where it is not known. */
  readonly versionMinor: 0 | 1;
  readonly isKeepAlive: boolean;
  readonly altSvc?: string | null;
  readonly nowMs: number;
  /** Whole seconds, as `Retry-After`. */
  readonly retryAfterS?: number;
  /** The methods that are there, as `Allow`: tokens and commas. RFC 9110 §15.5.6. */
  readonly allow?: string;
  /** Further fields; values latin-1 without control characters. */
  readonly ownFields?: readonly OwnField[];
  /** Names the log line that says what happened: letters, digits and dashes. */
  readonly errorId?: string;
  /** With 426: what to ask for. RFC 9110 §15.5.22, and RFC 6455 §4.4 for the version. */
  readonly upgrade?: "websocket";
}

/**
 * Appends a whole error response: the status and its phrase as plain text, and nothing that a worker, a path or a peer has said.
 */
export function encodeRefusal(arena: Arena, refusal: Refusal): void {
  const { status, allow, ownFields = [], retryAfterS, errorId, upgrade } = refusal;
  const text = refusalText(status, errorId);
  let lines = "Content-Type: text/plain\r\n";
  for (const [name, value] of ownFields) lines += `${name}: ${value}\r\n`;
  if (allow !== undefined) lines += `Allow: ${allow}\r\n`;
  if (retryAfterS !== undefined) lines += `Retry-After: ${retryAfterS}\r\n`;
  if (upgrade !== undefined) lines += "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n";
  const framing = encodeHead(arena, { ...refusal, fields: null, bodyByteLength: text.length }, lines);
  if (framing !== null) arena.writeLatin1(text);
}

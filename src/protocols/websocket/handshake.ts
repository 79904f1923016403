import { createHash } from "node:crypto";
import type { FieldBlock } from "../http/field-block.ts";
import { hasListToken } from "../http/field-rules.ts";
import type { RequestHead } from "../http/request-head.ts";
import { type Extension, parseExtensions } from "./extension-list.ts";

/** The one version there is. */
export const WEBSOCKET_VERSION = "13";

const KEY_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/** Base64 of 16 bytes. */
const KEY = /^[A-Za-z0-9+/]{22}==$/;

/**
 * How a request asks for a WebSocket: by the Upgrade field of HTTP/1.1 (RFC 6455 §4), or by extended CONNECT of later versions (RFC 8441),
 * whose `:protocol` has said `websocket` already.
 */
export type HandshakeMethod = "upgrade" | "extended-connect";

/** What a client asks for, in memory of its own. */
export interface HandshakeOffer {
  readonly isAcceptable: true;
  /** The Sec-WebSocket-Accept to answer with; `null` where there is no key to answer. */
  readonly accept: string | null;
  /** The subprotocols it speaks, most wanted first; all different. */
  readonly protocols: readonly string[];
  readonly extensions: readonly Extension[];
}

/** Why a request cannot become a WebSocket. */
export interface HandshakeRefusal {
  readonly isAcceptable: false;
  /** 426 when the client may try again with version 13, else 400. */
  readonly status: 400 | 426;
  /** For logs. */
  readonly reason: string;
}

/** True for a request that asks to go on as a WebSocket, whether its handshake is right or not. RFC 9110 §7.8: HTTP/1.0 cannot ask. */
export function asksForWebSocket(head: RequestHead): boolean {
  return head.versionMinor === 1 && hasListToken(head.fields, "upgrade", "websocket");
}

/** Checks the client's side of the opening handshake. RFC 6455 §4.2.1. */
export function readHandshake(head: RequestHead, method: HandshakeMethod): HandshakeOffer | HandshakeRefusal {
  const { fields } = head;
  let accept: string | null = null;
  if (method === "upgrade") {
    if (!asksForWebSocket(head)) return refuse("it does not ask for an upgrade to websocket");
    if (!head.isMethod("GET")) return refuse("its method is not GET");
    if (!hasListToken(fields, "connection", "upgrade")) return refuse("its Connection field does not list upgrade");
    const key = onlyValue(fields, "sec-websocket-key");
    if (key === null || !KEY.test(key)) return refuse("it has no Sec-WebSocket-Key of 16 bytes");
    accept = acceptOf(key);
  }
  if (head.hasBody) return refuse("it has a body");
  if (fields.find("sec-websocket-version", 0) === -1) return refuse("it has no Sec-WebSocket-Version");
  if (onlyValue(fields, "sec-websocket-version") !== WEBSOCKET_VERSION) {
    return { isAcceptable: false, status: 426, reason: "its Sec-WebSocket-Version is not 13" };
  }
  const protocols = parseProtocols(joinedValue(fields, "sec-websocket-protocol"));
  if (protocols === null) return refuse("its Sec-WebSocket-Protocol is not a list of different tokens");
  const extensions = parseExtensions(joinedValue(fields, "sec-websocket-extensions"));
  if (extensions === null) return refuse("its Sec-WebSocket-Extensions is malformed");
  return { isAcceptable: true, accept, protocols, extensions };
}

/** Proves to a client that its request was understood: RFC 6455 §4.2.2. */
export function acceptOf(key: string): string {
  return createHash("sha1").update(key).update(KEY_GUID).digest("base64");
}

function refuse(reason: string): HandshakeRefusal {
  return { isAcceptable: false, status: 400, reason };
}

/** The value of a field that has to be there once; `null` otherwise. */
function onlyValue(fields: FieldBlock, lowerCaseName: string): string | null {
  const index = fields.find(lowerCaseName, 0);
  return index === -1 || fields.find(lowerCaseName, index + 1) !== -1 ? null : fields.value(index);
}

/** All values of a list field as one list. RFC 9110 §5.3. */
function joinedValue(fields: FieldBlock, lowerCaseName: string): string {
  const values: string[] = [];
  for (let at = fields.find(lowerCaseName, 0); at !== -1; at = fields.find(lowerCaseName, at + 1)) {
    values.push(fields.value(at));
  }
  return values.join(",");
}

/** A list of extensions without parameters, as it were. `null` when an element is no token, or is there twice: RFC 6455 §4.1. */
function parseProtocols(list: string): readonly string[] | null {
  const elements = parseExtensions(list);
  if (elements === null) return null;
  const protocols = new Set<string>();
  for (const { name, parameters } of elements) {
    if (parameters.length > 0 || protocols.has(name)) return null;
    protocols.add(name);
  }
  return [...protocols];
}

import type { Exchange } from "../../http/exchange.ts";
import { Arena } from "../../kernel/arena.ts";
import { encodeFields } from "../../protocols/http1/field-encoder.ts";
import type { OwnField } from "../../protocols/http/field-list.ts";
import { QUESTION_MARK } from "../../protocols/http/octets.ts";
import { editFields } from "../policies/field-edits.ts";

/**
 * What a client says of hops before us is its own word; what is left of it is what a trusted proxy has been found to say. Host is written first. Programs
 * that name fields as CGI does (RFC 3875 §4.1.18) take an underscore for a hyphen.
 */
const REPLACED: ReadonlySet<string> = new Set([
  "content_length",
  "expect",
  "forwarded",
  "host",
  "max-forwards",
  "transfer_encoding",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x_forwarded_for",
  "x_forwarded_host",
  "x_forwarded_proto",
]);

/** Methods whose content means something: without any they say that it is empty (RFC 9110 §8.6), for some upstreams want a length. */
const WITH_CONTENT: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH"]);

/** What this process calls itself in Via: whoever sends it back here has gone round in a circle. */
const PSEUDONYM = `vilya-${crypto.randomUUID().slice(0, 8)}`;

/** True for a request that this process has handed on before (RFC 9110 §7.6.3): an upstream leads back here. */
export function isLooping({ head: { fields } }: Exchange): boolean {
  for (let at = fields.find("via", 0); at !== -1; at = fields.find("via", at + 1)) {
    if (fields.value(at).includes(PSEUDONYM)) return true;
  }
  return false;
}

/** How often the request may still be handed on (RFC 9110 §7.6.2), which OPTIONS and TRACE alone may say; `null` for no bound. */
export function forwardsLeft({ head }: Exchange): number | null {
  if (!head.isMethod("OPTIONS") && !head.isMethod("TRACE")) return null;
  const text = head.fields.get("max-forwards") ?? "";
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
}

/** What of a request to an upstream its connection decides. */
export interface ProxiedFraming {
  /** Of its body; -1 for one in chunks, `null` for none. */
  readonly bodyByteLength: number | null;
  /** Whether it asks to go on as a WebSocket. */
  readonly asksToSwitch: boolean;
  /** For a WebSocket that was asked for without a key, as later versions of HTTP do (RFC 8441 §5). */
  readonly socketKey: string | null;
}

/**
 * The head of an exchange's request as an upstream gets it: its target and fields as they came, without those of the connection (RFC 9110
 * §7.6.1), and with the client's address, scheme and host for `X-Forwarded-*`. Host stays the client's.
 */
export function encodeProxyRequest(exchange: Exchange, framing: ProxiedFraming): Buffer {
  const { head, remoteAddress, scheme } = exchange;
  const { bodyByteLength, asksToSwitch, socketKey } = framing;
  const address = remoteAddress.toString("latin1");
  const forwards = forwardsLeft(exchange);
  const added: OwnField[] = [
    ["X-Forwarded-For", address.slice(0, address.lastIndexOf(":")).replace(/^\[(.*)\]$/, "$1")],
    ["X-Forwarded-Proto", scheme],
    ["X-Forwarded-Host", head.authority],
    ["Via", `1.1 ${PSEUDONYM}`],
    ...(forwards === null ? [] : [["Max-Forwards", String(forwards - 1)] as const]),
    ...(socketKey === null ? [] : [["Sec-WebSocket-Key", socketKey] as const]),
  ];
  const arena = new Arena();
  const hasQuery = head.query !== "" || head.bytes[head.queryStart - 1] === QUESTION_MARK; // An empty one is not none.
  const query = hasQuery ? `?${head.query}` : "";
  const method = socketKey === null ? head.method : "GET";
  // The origin form, also of a target that came in absolute form (RFC 9112 §3.2.1).
  arena.writeLatin1(`${method} ${head.path}${query} HTTP/1.1\r\nHost: ${head.authority}\r\n`);
  encodeFields(arena, editFields(head.fields, { removed: REPLACED, added, defaults: [] }));
  if (bodyByteLength === -1) arena.writeLatin1("Transfer-Encoding: chunked\r\n");
  else if (bodyByteLength !== null) arena.writeLatin1(`Content-Length: ${bodyByteLength}\r\n`);
  else if (head.contentLength === 0 || WITH_CONTENT.has(method)) arena.writeLatin1("Content-Length: 0\r\n");
  if (asksToSwitch) arena.writeLatin1("Connection: Upgrade\r\nUpgrade: websocket\r\n");
  else if (head.takesTrailers) arena.writeLatin1("Connection: TE\r\nTE: trailers\r\n");
  arena.writeLatin1("\r\n");
  return arena.copyOut();
}

import { randomBytes } from "node:crypto";

import type { Exchange } from "../../http/exchange.ts";
import type { Connection } from "../../kernel/connection.ts";
import { hasListToken } from "../../protocols/http/field-rules.ts";
import { listHasToken } from "../../protocols/http/octet-text.ts";
import type { RequestHead } from "../../protocols/http/request-head.ts";
import type { ResponseHead } from "../../protocols/http1/response-head-decoder.ts";
import { acceptOf, asksForWebSocket } from "../../protocols/websocket/handshake.ts";
import { editFields } from "../policies/field-edits.ts";
import { ProxyTunnel, type ProxyTunnelOptions } from "./proxy-tunnel.ts";

const KEY_BYTES = 16;

/** RFC 8441 §5: an answer to an extended CONNECT proves nothing by a key. */
const WITHOUT_ACCEPT = { removed: new Set(["sec-websocket-accept"]), added: [], defaults: [] };

/** The two ends that are to be joined. */
export interface SwitchedUpstream extends ProxyTunnelOptions {
  readonly upstream: Connection;
  /** What the upstream has sent behind its answer. */
  readonly early: Buffer;
}

/** The way of one request for a WebSocket to an upstream, which speaks HTTP/1.1 whatever its client does. */
export interface SocketSwitch {
  /** The key of ours, where the client has sent none; `null` where its own goes along. */
  readonly ownKey: string | null;
  /** Joins client and upstream, which has answered 101. @returns false where it may not be, or the client has left. */
  open(exchange: Exchange, head: ResponseHead, upstream: SwitchedUpstream): boolean;
}

/** How a request asks for a WebSocket; `null` for one that does not. */
export function socketSwitchOf(head: RequestHead): SocketSwitch | null {
  const isExtended = head.isExtendedConnect;
  if (!isExtended && !asksByUpgrade(head)) return null;
  const ownKey = isExtended ? randomBytes(KEY_BYTES).toString("base64") : null;
  return { ownKey, open: (exchange, answer, upstream) => open(exchange, answer, upstream, ownKey) };
}

/** RFC 9110 §7.8: an Upgrade that the Connection field does not list is a leftover of another hop. RFC 6455 §4.1: it is a GET without a body. */
function asksByUpgrade(head: RequestHead): boolean {
  const isOfThisHop = hasListToken(head.fields, "connection", "upgrade");
  return isOfThisHop && asksForWebSocket(head) && head.isMethod("GET") && !head.hasBody;
}

function open(exchange: Exchange, head: ResponseHead, upstream: SwitchedUpstream, ownKey: string | null): boolean {
  const { fields } = head;
  const index = fields.find("upgrade", 0);
  if (index === -1 || !listHasToken(fields.bytes, fields.valueStart(index), fields.valueEnd(index), "websocket")) {
    return false;
  }
  if (ownKey !== null && fields.get("sec-websocket-accept") !== acceptOf(ownKey)) return false;
  const tunnel = new ProxyTunnel(upstream);
  const { upstream: connection, early } = upstream;
  connection.handler = tunnel.upstreamEnd;
  const isOpen = exchange.upgrade({
    protocol: "websocket",
    ownFields: [],
    fields: ownKey === null ? fields : editFields(fields, WITHOUT_ACCEPT),
    takeOver: (client) => tunnel.join(client),
  });
  if (isOpen && early.length > 0) tunnel.upstreamEnd.onBytes(early);
  return isOpen;
}

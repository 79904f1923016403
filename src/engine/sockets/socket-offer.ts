import type { Exchange } from "../../http/exchange.ts";
import { type HandshakeOffer, readHandshake } from "../../protocols/websocket/handshake.ts";
import type { AppSockets } from "./app-sockets.ts";

/** What a client offers that asks for a WebSocket; `null` where it was refused: the handshake is none, or the page is a foreign one. */
export function takeOffer(exchange: Exchange, { origins, app }: AppSockets): HandshakeOffer | null {
  const { head } = exchange;
  const offer = readHandshake(head, head.isExtendedConnect ? "extended-connect" : "upgrade");
  if (!offer.isAcceptable) {
    exchange.refuse(offer.status, offer.status === 426 ? { upgrade: "websocket" } : {});
    return null;
  }
  if (origins.allow(head)) return offer;
  app.log.warn("websocket origin refused", { origin: head.fields.get("origin"), host: head.authority });
  exchange.refuse(403);
  return null;
}

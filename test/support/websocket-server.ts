import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { TopicBus } from "../../src/bus/topic-bus.ts";
import type { WebSocketConfig } from "../../src/config/server-config.ts";
import type { Exchange, ExchangeHandler } from "../../src/http/exchange.ts";
import { HttpListener } from "../../src/http/http-listener.ts";
import type { WebSocketApp, WebSocketEnd } from "../../src/http/websocket/websocket-app.ts";
import { WebSocketServer } from "../../src/http/websocket/websocket-server.ts";
import type { WebSocketSession } from "../../src/http/websocket/websocket-session.ts";
import { TimerWheel } from "../../src/kernel/timer-wheel.ts";
import { readHandshake } from "../../src/protocols/websocket/handshake.ts";
import type { MessageKind } from "../../src/protocols/websocket/opcode.ts";
import { FakeClock } from "./fake-clock.ts";
import { type HttpTransport, SMALL_SERVER, tlsArrivals } from "./http-server.ts";
import { testAuthority } from "./certificates.ts";
import { RawClient } from "./raw-client.ts";
import { RecordingLog } from "./recording-log.ts";
import { WebSocketClient } from "./websocket-client.ts";

/** What a test has an app do, beside noting what it hears. */
export interface WebSocketReactions {
  readonly onOpen?: (session: WebSocketSession) => void;
  readonly onMessage?: (session: WebSocketSession, text: string, kind: MessageKind) => void;
}

/** An HTTP listener whose requests become WebSockets, and an app that notes what it hears of them: `open`, `text Hello`, `close 1000 bye`. */
export class WebSocketTestServer implements Disposable, WebSocketApp {
  readonly clock: FakeClock = new FakeClock();
  readonly log: RecordingLog = new RecordingLog();
  readonly bus: TopicBus = new TopicBus();
  readonly listener: HttpListener;
  readonly server: WebSocketServer;
  /** What all sockets together have told the app. */
  readonly events: string[] = [];
  /** The subprotocol to choose where it is offered. */
  protocol: string | null = null;
  /** Exchanges that wait for an answer while `isThinking`. */
  readonly thinking: (() => void)[] = [];
  isThinking = false;
  readonly #reactions: WebSocketReactions;
  readonly #transport: HttpTransport;
  readonly #directory = mkdtempSync(join(tmpdir(), "vilya-websocket-"));

  constructor(
    reactions: WebSocketReactions = {},
    config: Partial<WebSocketConfig> = {},
    transport: HttpTransport = "clear",
  ) {
    this.#reactions = reactions;
    this.#transport = transport;
    const wheel = new TimerWheel(this.clock);
    const webSocket = { ...SMALL_SERVER.webSocket, ...config };
    this.server = new WebSocketServer({ config: webSocket, bus: this.bus, wheel, log: this.log });
    this.listener = new HttpListener({
      address: { host: "127.0.0.1", port: 0 },
      server: { ...SMALL_SERVER, connectionCountMax: 10_000, webSocket },
      bodyDirectory: this.#directory,
      dispatch: (exchange) => this.#handlerOf(exchange),
      takesWebSockets: true,
      arrivals: transport === "tls" ? tlsArrivals() : undefined,
      wheel,
      log: this.log,
    });
  }

  /** The oldest socket. @throws when there is none. */
  get session(): WebSocketSession {
    const [session] = this.server.sessions.all;
    if (session === undefined) throw new Error("Cannot take a socket: none is open");
    return session;
  }

  /** A TCP or TLS client, as the server speaks. */
  connectRaw(): Promise<RawClient> {
    const { port } = this.listener;
    if (this.#transport === "clear") return RawClient.connect(port);
    return RawClient.connect(port, { tls: { ca: testAuthority().certificatePem } });
  }

  async connect(fields: Readonly<Record<string, string>> = {}): Promise<WebSocketClient> {
    return WebSocketClient.open(await this.connectRaw(), fields);
  }

  onOpen(session: WebSocketSession): void {
    this.events.push("open");
    this.#reactions.onOpen?.(session);
  }

  onMessage(session: WebSocketSession, kind: MessageKind, bytes: Buffer, start: number, end: number): void {
    const text = bytes.toString("latin1", start, end);
    this.events.push(text.length > 100 ? `${kind} of ${text.length}` : `${kind} ${text}`);
    this.#reactions.onMessage?.(session, text, kind);
  }

  onClose(_session: WebSocketSession, { code, reason, isClean }: WebSocketEnd): void {
    this.events.push(`${isClean ? "close" : "lost"} ${code} ${reason}`.trimEnd());
  }

  [Symbol.dispose](): void {
    this.listener.stopAccepting();
    this.listener.closeConnections();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #handlerOf(exchange: Exchange): ExchangeHandler {
    return {
      onRequest: () => this.#answer(exchange),
      onClientEnd: () => "drop",
      onAbandoned: () => void this.events.push("abandoned"),
    };
  }

  #answer(exchange: Exchange): void {
    const { head } = exchange;
    const offer = readHandshake(head, head.protocol === "websocket" ? "extended-connect" : "upgrade");
    if (!offer.isAcceptable) {
      exchange.refuse(offer.status, offer.status === 426 ? { upgrade: "websocket" } : {});
      return;
    }
    const { protocol } = this;
    const chosen = protocol !== null && offer.protocols.includes(protocol) ? protocol : null;
    const accept = () => void this.server.accept(exchange, offer, { app: this, protocol: chosen, fields: null });
    if (this.isThinking) this.thinking.push(accept);
    else accept();
  }
}

/** Sends text, as an app does that has a string. */
export function sendText(session: WebSocketSession, text: string): ReturnType<WebSocketSession["send"]> {
  const bytes = Buffer.from(text, "latin1");
  return session.send("text", bytes, 0, bytes.length);
}

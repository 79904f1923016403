import { assert } from "../../base/assert.ts";
import type { TopicBus } from "../../bus/topic-bus.ts";
import type { WebSocketConfig } from "../../config/server-config.ts";
import type { TimerWheel } from "../../kernel/timer-wheel.ts";
import type { FieldBlock } from "../../protocols/http/field-block.ts";
import { AssemblyMemory } from "../../protocols/websocket/assembly-memory.ts";
import { agreeOnDeflate, type DeflateAgreement } from "../../protocols/websocket/deflate-agreement.ts";
import type { HandshakeOffer } from "../../protocols/websocket/handshake.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { Exchange } from "../exchange.ts";
import type { WebSocketApp } from "./websocket-app.ts";
import type { WebSocketContext } from "./websocket-context.ts";
import { WebSocketCounters } from "./websocket-counters.ts";
import { WebSocketFrames } from "./websocket-frames.ts";
import { WebSocketSession } from "./websocket-session.ts";
import { WebSocketSessions } from "./websocket-sessions.ts";

export interface WebSocketServerOptions {
  readonly config: WebSocketConfig;
  readonly bus: TopicBus;
  readonly wheel: TimerWheel;
  readonly log: Logger;
}

/** How an app takes a client. */
export interface Acceptance {
  readonly app: WebSocketApp;
  /** One of the subprotocols that were offered, or `null` for none. */
  readonly protocol: string | null;
  /** The app's fields for the answer; `null` for none. */
  readonly fields: FieldBlock | null;
}

/** Makes WebSockets out of exchanges, on every listener of a front. */
export class WebSocketServer {
  readonly sessions: WebSocketSessions = new WebSocketSessions();
  readonly counters: WebSocketCounters = new WebSocketCounters();
  readonly #context: WebSocketContext;

  constructor({ config, bus, wheel, log }: WebSocketServerOptions) {
    this.#context = {
      config,
      decoding: {
        sender: "client",
        messageBytesMax: config.messageBytesMax,
        memory: new AssemblyMemory(config.messageMemoryBytesMax),
        inflater: null,
      },
      frames: new WebSocketFrames(config),
      sessions: this.sessions,
      bus,
      wheel,
      counters: this.counters,
      log,
    };
  }

  /**
   * Answers the opening handshake, at once or after the app has thought about it.
   *
   * @returns false when the client is gone; then the app hears nothing of it.
   */
  accept(exchange: Exchange, offer: HandshakeOffer, { app, protocol, fields }: Acceptance): boolean {
    assert(protocol === null || offer.protocols.includes(protocol), "a subprotocol is chosen from those offered");
    const deflate = this.#agreeOnDeflate(offer);
    return exchange.upgrade({
      protocol: "websocket",
      ownFields: [
        ...field("Sec-WebSocket-Accept", offer.accept),
        ...field("Sec-WebSocket-Protocol", protocol),
        ...field("Sec-WebSocket-Extensions", deflate?.text ?? null),
      ],
      fields,
      takeOver: (duplex) => new WebSocketSession(duplex, { context: this.#context, app, protocol, deflate }),
    });
  }

  #agreeOnDeflate({ extensions }: HandshakeOffer): DeflateAgreement | null {
    const { compression, compressionWindowBits } = this.#context.config;
    if (compression === "off") return null;
    return agreeOnDeflate(extensions, {
      takesOverContext: compression === "context",
      windowBits: compressionWindowBits,
    });
  }
}

function field(name: string, value: string | null): [string, string][] {
  return value === null ? [] : [[name, value]];
}

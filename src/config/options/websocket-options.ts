import { DAY_MS, GIB, HOUR_MS, KIB, MIB, MINUTE_MS, SECOND_MS, TIB } from "../types/bounds.ts";
import type { Option, Section } from "./option.ts";
import { choice, integer } from "../types/option-type.ts";
import { originList } from "../types/origin-list.ts";
import { byteSize, duration } from "../types/quantity.ts";

export const maxMessageSize: Option<number> = {
  kind: "value",
  key: "server.websocket.max_message_size",
  type: byteSize({ min: 125, max: GIB }),
  default: MIB,
  summary:
    "Largest message a client may send, in bytes: all its fragments together, and again after it is inflated. A larger one closes its socket with 1009.",
  guards: "Messages that fill memory, and compressed ones that grow a thousandfold (bombs).",
  replaces: "front",
};

export const messageMemory: Option<number> = {
  kind: "value",
  key: "server.websocket.message_memory",
  type: byteSize({ min: 64 * KIB, max: TIB }),
  default: 64 * MIB,
  summary:
    "How much the unfinished messages of all clients together hold in memory, in bytes. A message that needs more closes its socket with 1013.",
  guards: "Many clients that begin large messages and do not finish them.",
  replaces: "front",
};

export const sendBuffer: Option<number> = {
  kind: "value",
  key: "server.websocket.send_buffer",
  type: byteSize({ min: 4 * KIB, max: GIB }),
  default: MIB,
  summary:
    "Bytes that may wait for one client before it counts as slow. What happens to further messages is up to `slow_client`.",
  guards: "Clients that subscribe to much and read little.",
  replaces: "front",
};

export const slowClient: Option<"close" | "drop"> = {
  kind: "value",
  key: "server.websocket.slow_client",
  type: choice(["close", "drop"]),
  default: "close",
  summary:
    "What a client gets that reads more slowly than it is sent to: `close` ends its socket with 1008, so that it connects again and catches up; `drop` leaves out messages until there is room.",
  replaces: "front",
};

export const pingInterval: Option<number> = {
  kind: "value",
  key: "server.websocket.ping_interval",
  type: duration("s", { min: 100, max: HOUR_MS, zeroMeans: "no pings" }),
  default: 30 * SECOND_MS,
  summary:
    "How long a client may be silent before it is pinged, in seconds. Pings also keep proxies in between from closing a quiet connection.",
  replaces: "front",
};

export const idleTimeout: Option<number> = {
  kind: "value",
  key: "server.websocket.idle_timeout",
  type: duration("s", { min: 100, max: DAY_MS, zeroMeans: "never" }),
  default: 75 * SECOND_MS,
  summary: "How long a client may be silent, pongs included, before its socket is closed, in seconds.",
  guards: "Sockets whose client is gone without a word: a phone out of reach, a laptop asleep.",
  replaces: "front",
};

export const closeTimeout: Option<number> = {
  kind: "value",
  key: "server.websocket.close_timeout",
  type: duration("s", { min: 10, max: 10 * MINUTE_MS }),
  default: 5 * SECOND_MS,
  summary: "How long a client may take to answer a close frame, in seconds; then its connection is cut.",
  guards: "Sockets that never finish closing.",
  replaces: "front",
};

export const compression: Option<"off" | "stateless" | "context"> = {
  kind: "value",
  key: "server.websocket.compression",
  type: choice(["off", "stateless", "context"]),
  default: "stateless",
  summary:
    "How messages are compressed for clients that offer it (`permessage-deflate`): `stateless` each by itself, which holds no memory; `context` with the messages before it in view, which makes many small similar messages several times smaller and holds up to the window and 8 KiB a socket.",
  replaces: "front",
};

export const compressionMinSize: Option<number> = {
  kind: "value",
  key: "server.websocket.compression_min_size",
  type: byteSize({ min: 1, max: GIB }),
  default: KIB,
  summary: "Messages below this many bytes are sent uncompressed.",
  replaces: "front",
};

export const compressionWindowBits: Option<number> = {
  kind: "value",
  key: "server.websocket.compression_window_bits",
  type: integer({ min: 9, max: 15 }),
  default: 15,
  summary:
    "How far back compressed messages may refer: 2 to the power of this, in bytes. Bounds what `context` holds a socket, where the client lets us choose: all browsers do.",
  replaces: "front",
};

export const maxTopics: Option<number> = {
  kind: "value",
  key: "server.websocket.max_topics",
  type: integer({ min: 0, max: 100_000 }),
  default: 100,
  summary: "Topics one socket may be subscribed to at once.",
  guards: "Memory for subscriptions that an app makes on behalf of its clients.",
  replaces: "front",
};

export const maxTopicSize: Option<number> = {
  kind: "value",
  key: "server.websocket.max_topic_size",
  type: byteSize({ min: 1, max: 64 * KIB }),
  default: 256,
  summary: "Longest name of a topic, in bytes.",
  replaces: "front",
};

export const allowedOrigins: Option<readonly string[]> = {
  kind: "value",
  key: "server.websocket.allowed_origins",
  type: originList(),
  default: ["same"],
  summary:
    "The pages that may open WebSockets, by their origins: `same` for those that the request's own host has served, `https://app.example.com`, `https://*.example.com` for every host below, `null` for pages without an origin, `*` for all. Others get 403. Clients that send no `Origin` are no browsers and are let in.",
  guards: "Cross-site WebSocket hijacking: a foreign page that opens a socket with the cookies of whoever looks at it.",
  replaces: "front",
};

/** The `server.websocket` section. */
export const webSocketSection: Section = {
  key: "server.websocket",
  summary: "What WebSocket clients may take, and how long their sockets live.",
  options: [
    maxMessageSize,
    messageMemory,
    sendBuffer,
    slowClient,
    pingInterval,
    idleTimeout,
    closeTimeout,
    compression,
    compressionMinSize,
    compressionWindowBits,
    maxTopics,
    maxTopicSize,
    allowedOrigins,
  ],
};

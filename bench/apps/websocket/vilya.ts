/** Vilya's WebSockets with no worker behind them: echoes on `/echo`, publishes to everybody on `/room`. Prints its port. */
import { tmpdir } from "node:os";

import { TopicBus } from "../../../src/bus/topic-bus.ts";
import { loadConfig } from "../../../src/config/load-config.ts";
import type { Exchange, ExchangeHandler } from "../../../src/http/exchange.ts";
import { HttpListener } from "../../../src/http/http-listener.ts";
import type { WebSocketApp } from "../../../src/http/websocket/websocket-app.ts";
import { WebSocketServer } from "../../../src/http/websocket/websocket-server.ts";
import { raiseOpenFileLimit } from "../../../src/kernel/process-control.ts";
import { TimerWheel } from "../../../src/kernel/timer-wheel.ts";
import { readHandshake } from "../../../src/protocols/websocket/handshake.ts";
import { openLog } from "../../../src/telemetry/log.ts";

raiseOpenFileLimit();
const { config } = loadConfig({
  file: null,
  overrides: [
    { key: "runtime", text: "stub", flag: "--runtime" },
    { key: "server.max_connections", text: "100000", flag: "--set" },
  ],
});
const bus = new TopicBus();
const wheel = new TimerWheel();
const log = openLog({ level: "warn", format: "text" });
const server = new WebSocketServer({ config: config.server.webSocket, bus, wheel, log });

const echo: WebSocketApp = {
  onOpen() {},
  onMessage: (session, kind, bytes, start, end) => void session.send(kind, bytes, start, end),
  onClose() {},
};

const room: WebSocketApp = {
  onOpen: (session) => void session.subscribe("room"),
  onMessage: (_session, kind, bytes, start, end) => void bus.publish("room", { kind, bytes, start, end }),
  onClose() {},
};

const listener = new HttpListener({
  address: { host: "127.0.0.1", port: 0 },
  server: config.server,
  bodyDirectory: tmpdir(),
  dispatch: handlerOf,
  wheel,
  log,
});
process.on("SIGUSR2", () => Bun.gc(true)); // Before memory is read.
console.log(listener.port);

function handlerOf(exchange: Exchange): ExchangeHandler {
  return {
    onRequest() {
      const offer = readHandshake(exchange.head, "upgrade");
      const app = exchange.head.isPath("/room") ? room : echo;
      if (offer.isAcceptable) server.accept(exchange, offer, { app, protocol: null, fields: null });
      else exchange.refuse(offer.status);
    },
    onClientEnd: () => "drop",
    onAbandoned() {},
  };
}

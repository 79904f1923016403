import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import type { WebSocketConfig } from "../../src/config/server-config.ts";
import { until } from "../support/until.ts";
import { WebSocketTestServer } from "../support/websocket-server.ts";

const DIALOGUE = join(import.meta.dir, "../support/websocket-dialogue.mjs");

/** Clients that others wrote, each in a process of its own. */
const CLIENTS: Readonly<Record<string, readonly string[]>> = {
  Bun: [process.execPath],
  Node: ["node", "--experimental-websocket", "--no-warnings"],
};

const CLOSED = { protocol: "vilya.test", echoCount: 16, code: 4321, reason: "", wasClean: true };

describe.each(Object.keys(CLIENTS))("the client of %s", (name) => {
  test.each<WebSocketConfig["compression"]>(["off", "stateless", "context"])(
    "understands every message and the close, compression %s",
    async (compression) => {
      const limits = { messageBytesMax: 1 << 20, messageMemoryBytesMax: 4 << 20, sendBufferBytesMax: 4 << 20 };
      using server = new WebSocketTestServer(
        {
          onMessage: (session, message, kind) =>
            void session.send(kind, Buffer.from(message, "latin1"), 0, message.length),
        },
        { ...limits, compression },
      );
      server.protocol = "vilya.test";
      const url = `ws://127.0.0.1:${server.listener.port}/`;
      const client = Bun.spawn([...CLIENTS[name]!, DIALOGUE, "dialogue", url], { stdout: "pipe", stderr: "inherit" });
      const seen = JSON.parse(await new Response(client.stdout).text());
      expect(await client.exited).toBe(0);
      await until("the app to hear of the end", () => server.server.sessions.count === 0);
      expect(server.events.at(-1)).toBe("close 4321 that was all");
      expect(seen.extensions.includes("permessage-deflate")).toBe(compression !== "off");
      expect(seen).toMatchObject(CLOSED);
      expect(server.server.counters.protocolErrors).toBe(0);
    },
  );
});

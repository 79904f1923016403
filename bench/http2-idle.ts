/**
 * Resident memory of connections of HTTP/2 that have had one request answered and are idle, beside those of HTTP/1.1 on the same port.
 *
 *     npm run bench -- http2-idle
 */
import { join } from "node:path";

import { raiseOpenFileLimit } from "../src/kernel/process-control.ts";
import { literal } from "../test/support/hpack-text.ts";
import { headersOf, hello, request } from "../test/support/http2-frames.ts";
import { startBenchApp } from "./lib/bench-app.ts";
import { measureIdleMemory } from "./lib/idle-memory.ts";

/** Connections that are opened at once; more would overrun the listener's backlog. */
const OPENING_COUNT_MAX = 200;

/** What a browser sends beside its first request, and has the server remember. */
const FIELDS = [
  ["user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0"],
  ["accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"],
  ["accept-language", "en-GB,en;q=0.9"],
  ["accept-encoding", "gzip, deflate, br, zstd"],
  ["cookie", "session=3f9c1a7be2d84c60; theme=dark"],
  ["upgrade-insecure-requests", "1"],
] as const;

const BLOCK = Buffer.concat(request("/", "GET", FIELDS).map((field) => literal(field, "indexed")));
const REQUESTS = {
  "HTTP/2": Buffer.concat([hello(), headersOf(1, BLOCK)]),
  "HTTP/1.1": Buffer.from("GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
} as const;

raiseOpenFileLimit();
console.log("resident memory of idle connections, after a collection:");
for (const [name, bytes] of Object.entries(REQUESTS)) {
  await using app = await startBenchApp(join(import.meta.dir, "apps/http2/vilya.ts"));
  await measureIdleMemory(name, app, async (count) => {
    for (let opened = 0; opened < count; opened += OPENING_COUNT_MAX) {
      const now = Math.min(OPENING_COUNT_MAX, count - opened);
      await Promise.all(Array.from({ length: now }, () => ask(app.port, bytes)));
    }
  });
}

/** Opens a connection, sends a request, and resolves when its answer has come. */
async function ask(port: number, bytes: Uint8Array): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let received = "";
  await Bun.connect({
    hostname: "127.0.0.1",
    port,
    socket: {
      open: (socket) => void socket.write(bytes),
      data(_, chunk) {
        received += chunk.toString("latin1");
        if (received.endsWith("ok")) resolve();
      },
    },
  });
  await promise;
}

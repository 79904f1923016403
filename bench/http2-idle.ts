/**
 * Resident memory of connections of HTTP/2 that have had one request answered and are idle, beside those of HTTP/1.1 on the same port.
 *
 *     npm run bench -- http2-idle
 */
import { join } from "node:path";

import { raiseOpenFileLimit } from "../src/kernel/process-control.ts";
import { headers, hello, request } from "../test/support/http2-frames.ts";
import { startBenchApp } from "./lib/bench-app.ts";
import { measureIdleMemory } from "./lib/idle-memory.ts";

/** Connections that are opened at once; more would overrun the listener's backlog. */
const OPENING_COUNT_MAX = 200;

const REQUESTS = {
  "HTTP/2": Buffer.concat([hello(), headers(1, request())]),
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

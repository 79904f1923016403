/**
 * WebSockets of the front, without workers, against a bare `Bun.serve`: echoes a second, deliveries a second of a broadcast, and resident
 * memory of idle sockets.
 *
 *     npm run bench -- websocket [--rounds 5] [--seconds 3] [--part echo|broadcast|idle]
 */
import { join } from "node:path";

import { raiseOpenFileLimit } from "../src/kernel/process-control.ts";
import { type BenchApp, startBenchApp } from "./lib/bench-app.ts";
import { printRatios } from "./lib/comparison.ts";
import { readFlags } from "./lib/flags.ts";
import { measureIdleMemory } from "./lib/idle-memory.ts";
import { type Contestant, runRounds } from "./lib/rounds.ts";
import { WebSocketLoad, type WebSocketLoadOptions } from "./lib/websocket-load.ts";

const { rounds, seconds, part } = readFlags({ rounds: 5, seconds: 3, part: "every" });

/** Sockets and payload of the echo, and how many messages a broadcast has under way at once. */
const ECHO_CONNECTIONS = 64;
const SUBSCRIBERS = 2_000;
const PAYLOAD_BYTES = 64;
const BURSTS = [1, 10];
const IDLE = { path: "/echo", payloadBytes: PAYLOAD_BYTES } as const;

raiseOpenFileLimit();
const parts: Readonly<Record<string, () => Promise<void>>> = {
  echo: compareEcho,
  broadcast: compareBroadcast,
  idle: measureIdle,
};
for (const [name, measure] of Object.entries(parts)) if (part === "every" || part === name) await measure();

async function compareEcho(): Promise<void> {
  await compare(
    `echoes/s, ${ECHO_CONNECTIONS} sockets, ${PAYLOAD_BYTES} bytes`,
    { path: "/echo", connections: ECHO_CONNECTIONS },
    (load) => load.echo(seconds),
  );
}

async function compareBroadcast(): Promise<void> {
  for (const burst of BURSTS) {
    const title = `deliveries/s, ${SUBSCRIBERS} subscribers, ${burst} message(s) under way, ${PAYLOAD_BYTES} bytes`;
    await compare(title, { path: "/room", connections: SUBSCRIBERS }, (load) => load.broadcast(seconds, burst));
  }
}

async function compare(
  title: string,
  options: Pick<WebSocketLoadOptions, "path" | "connections">,
  measure: (load: WebSocketLoad) => Promise<number>,
): Promise<void> {
  console.log(`\n${title}:`);
  await using vilya = await startApp("vilya");
  await using bare = await startApp("bun-serve");
  const contestants = Object.entries({ vilya, "Bun.serve": bare }).map(([name, { port }]): Contestant => ({
    name,
    async measure() {
      const load = new WebSocketLoad({ ...options, port, payloadBytes: PAYLOAD_BYTES });
      await load.open();
      const figure = await measure(load);
      load.close();
      return figure;
    },
  }));
  printRatios(await runRounds(contestants, rounds), [{ of: "vilya", by: "Bun.serve", note: "goal 0.8 for echoes" }]);
}

async function measureIdle(): Promise<void> {
  console.log("\nresident memory of idle sockets, after a collection:");
  for (const name of ["vilya", "bun-serve"] as const) {
    await using app = await startApp(name);
    await measureIdleMemory(name, app, (connections) =>
      new WebSocketLoad({ ...IDLE, port: app.port, connections }).open(),
    );
  }
}

function startApp(name: "vilya" | "bun-serve"): Promise<BenchApp> {
  return startBenchApp(join(import.meta.dir, "apps/websocket", `${name}.ts`));
}

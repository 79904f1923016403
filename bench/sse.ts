/**
 * Many clients that follow events, all of them streams of one TypeScript worker: what a client costs the front in resident memory (the slope
 * between two numbers of clients), and how long after the worker has sent an event its client has it.
 *
 *     npm run bench -- sse [--streams 2000] [--interval 1000] [--seconds 10]
 */
import { startVilya } from "./contenders/vilya.ts";
import { readFlags } from "./lib/flags.ts";
import { residentBytes } from "./lib/host.ts";

/** `interval` is in milliseconds. */
const { streams: streamCount, interval, seconds } = readFlags({ streams: 2000, interval: 1000, seconds: 10 });

await using server = await startVilya({ runtime: "bun", workers: 1, script: "bench/apps/sse/server.ts" });
const port = Number(new URL(server.url).port);
const latenciesMs: number[] = [];
let openCount = 0;
const clients: Bun.Socket[] = [];

const before = await openUntil(Math.floor(streamCount / 4));
const after = await openUntil(streamCount);
const added = streamCount - Math.floor(streamCount / 4);
console.log(
  `front: ${((after - before) / 1024 / added).toFixed(1)} KiB a client, between ${streamCount - added} and ${streamCount}`,
);
latenciesMs.length = 0;
await Bun.sleep(1_000 * seconds);
latenciesMs.sort((a, b) => a - b);
const at = (share: number): string => latenciesMs[Math.floor((latenciesMs.length - 1) * share)]!.toFixed(2);
const { length } = latenciesMs;
console.log(`${length} events in ${seconds} s: ${at(0.5)} ms median, ${at(0.99)} ms p99, ${at(1)} ms at most`);
for (const client of clients) client.terminate();

/** Opens clients until there are `count`, and returns the front's resident bytes when they have been served for a while. */
async function openUntil(count: number): Promise<number> {
  while (clients.length < count) {
    // One at a time: what many at once cost is another question.
    const reached = clients.length + 1;
    clients.push(await Bun.connect({ hostname: "127.0.0.1", port, socket: { open, data } }));
    while (openCount < reached) await Bun.sleep(0);
  }
  await Bun.sleep(3 * interval);
  return residentBytes(server.processId);
}

function open(socket: Bun.Socket): void {
  socket.write(`GET /?interval=${interval} HTTP/1.1\r\nHost: a\r\n\r\n`);
}

function data(_: Bun.Socket, chunk: Buffer): void {
  const nowMs = performance.timeOrigin + performance.now();
  const text = chunk.toString("latin1");
  if (text.includes(": begun")) openCount++;
  for (const [, sentMs] of text.matchAll(/data: ([\d.]+)\n\n/g)) latenciesMs.push(nowMs - Number(sentMs));
}

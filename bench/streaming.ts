/**
 * What streams cost. First, the front's resident memory while a PHP worker streams to a client that has stopped reading, which is what is on
 * its way to that client, and then beside it while another one streams to a client that reads as fast as it can, which is mostly what
 * has been sent and the collector has not come to (goal: less than 64 MiB above idle). Then events to many clients at once, a worker each: how long
 * after a worker has sent one its client has it.
 *
 *     npm run bench -- streaming [--megabytes 1000] [--streams 32] [--events 100] [--interval 50]
 */
import { startVilya } from "./contenders/vilya.ts";
import { readFlags } from "./lib/flags.ts";
import { residentBytes } from "./lib/host.ts";
import type { Server } from "./lib/server.ts";

const MEBIBYTE = 2 ** 20;

/** `interval` is in milliseconds. */
const flags = readFlags({ megabytes: 1000, streams: 32, events: 100, interval: 50 });
/** In which a worker has sent all that its credit allows. */
const SETTLE_MS = 1_000;

const byteCount = flags.megabytes * 1e6;
const streamCount = flags.streams;
const script = "bench/apps/stream/worker.php";

{
  await using server = await startVilya({ runtime: "php", workers: 2, script });
  await measureStalledClient(server);
}
{
  await using server = await startVilya({ runtime: "php", workers: streamCount, script });
  await measureEvents(server);
}

async function measureStalledClient(server: Server): Promise<void> {
  const idle = residentBytes(server.processId);
  using stalled = await openStalled(server, `/bytes?count=${byteCount}`);
  await Bun.sleep(SETTLE_MS);
  const held = residentBytes(server.processId) - idle;
  console.log(`front: ${(held / MEBIBYTE).toFixed(1)} MiB above idle for the client that has stopped reading`);
  const startMs = performance.now();
  const response = await fetch(`${server.url}bytes?count=${byteCount}`);
  let received = 0;
  let peak = idle;
  for await (const chunk of response.body!) {
    received += chunk.length;
    peak = Math.max(peak, residentBytes(server.processId));
  }
  const seconds = (performance.now() - startMs) / 1_000;
  if (received !== byteCount) throw new Error(`Cannot use this run: ${received} of ${byteCount} bytes arrived`);
  const rate = (byteCount / MEBIBYTE / seconds).toFixed(0);
  console.log(`${flags.megabytes} MB to a client beside one that takes ${stalled.takenBytes} bytes: ${rate} MiB/s`);
  const above = ((peak - idle) / MEBIBYTE).toFixed(1);
  console.log(`front: ${(idle / MEBIBYTE).toFixed(1)} MiB idle, at most ${above} MiB above it (goal: less than 64)`);
}

interface StalledClient extends Disposable {
  readonly takenBytes: number;
}

/** A client that reads the head of its response and then nothing. */
async function openStalled(server: Server, path: string): Promise<StalledClient> {
  const begun = Promise.withResolvers<void>();
  let takenBytes = 0;
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port: Number(new URL(server.url).port),
    socket: {
      data: (each, chunk) => {
        takenBytes += chunk.length;
        each.pause();
        begun.resolve();
      },
    },
  });
  socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
  await begun.promise;
  return {
    get takenBytes() {
      return takenBytes;
    },
    [Symbol.dispose]: () => socket.terminate(),
  };
}

async function measureEvents(server: Server): Promise<void> {
  const idle = residentBytes(server.processId);
  const target = `${server.url}events?count=${flags.events}&interval_ms=${flags.interval}`;
  let peak = idle;
  const latenciesMs: number[] = [];
  const follow = async (): Promise<void> => {
    let text = "";
    for await (const chunk of (await fetch(target)).body!) {
      const nowMs = performance.timeOrigin + performance.now();
      text += Buffer.from(chunk).toString("latin1");
      const events = text.split("\n\n");
      text = events.pop() ?? "";
      for (const event of events) latenciesMs.push(nowMs - Number(event.slice("data: ".length)));
      peak = Math.max(peak, residentBytes(server.processId));
    }
  };
  await Promise.all(Array.from({ length: streamCount }, follow));
  const expected = streamCount * flags.events;
  if (latenciesMs.length !== expected)
    throw new Error(`Cannot use this run: ${latenciesMs.length} of ${expected} events arrived`);
  latenciesMs.sort((a, b) => a - b);
  const at = (share: number): string => latenciesMs[Math.floor((latenciesMs.length - 1) * share)]!.toFixed(2);
  console.log(
    `${expected} events to ${streamCount} clients: ${at(0.5)} ms median, ${at(0.99)} ms p99, ${at(1)} ms at most`,
  );
  console.log(`front: ${((peak - idle) / 1024 / streamCount).toFixed(0)} KiB a client above idle, at most`);
}

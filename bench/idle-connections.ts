/**
 * What an idle connection costs: `npm run bench -- idle-connections`.
 *
 * The server runs in this process, the clients in another one, so resident memory here is the server's alone (the kernel's own socket
 * buffers are not in it). It is read at three counts of open connections; their slope is what one more costs, and the promise is 2.5 KB.
 * A case with an exchange before the idling counts what a used connection keeps.
 */
import { readFileSync } from "node:fs";

import type { Connection } from "../src/kernel/connection.ts";
import type { ConnectionHandler } from "../src/kernel/connection-handler.ts";
import { Listener } from "../src/kernel/listener.ts";
import { unobserved } from "../src/kernel/monitor.ts";
import { raiseOpenFileLimit } from "../src/kernel/process-control.ts";
import { Segments } from "../src/kernel/segments.ts";
import { TimerWheel } from "../src/kernel/timer-wheel.ts";

const CONNECTION_COUNTS = [2_000, 9_000, 18_000];
/** Descriptors that are neither end of a connection. */
const DESCRIPTORS_ELSEWHERE = 100;
const BYTES_MAX = 2_500;
const IDLE_MS = 60_000;
const PAGE_BYTES = 4_096;

const [role = "all", ...args] = process.argv.slice(2);
if (role === "client") await runClient(Number(args[0]), args[1] === "used");
else if (role === "server") await runServer(args[0] === "used");
else await runAll();

/** Each case in a process of its own: memory that one has freed does not look like it. */
async function runAll(): Promise<void> {
  let isWithin = true;
  for (const use of ["unused", "used"]) {
    const { exited } = Bun.spawn([process.execPath, import.meta.path, "server", use], { stdout: "inherit" });
    isWithin = (await exited) === 0 && isWithin;
  }
  process.exit(isWithin ? 0 : 1);
}

async function runServer(isUsed: boolean): Promise<void> {
  const openFilesMax = raiseOpenFileLimit();
  const wheel = new TimerWheel();
  const listener = new Listener({
    address: { host: "127.0.0.1", port: 0 },
    connectionCountMax: Infinity,
    wheel,
    monitor: unobserved,
    stallMs: 30_000,
    accept: (connection) => new EchoHandler(connection),
  });
  const client = Bun.spawn(
    [process.execPath, import.meta.path, "client", String(listener.port), isUsed ? "used" : "unused"],
    { stdin: "pipe", stdout: "pipe" },
  );
  const answers = client.stdout.getReader();
  const samples: { count: number; bytes: number }[] = [{ count: 0, bytes: await restingBytes() }];
  for (const count of CONNECTION_COUNTS.filter((each) => each + DESCRIPTORS_ELSEWHERE <= openFilesMax)) {
    await client.stdin.write(`${count}\n`);
    await client.stdin.flush();
    await answers.read();
    while (listener.connectionCount < count) await Bun.sleep(10);
    samples.push({ count, bytes: await restingBytes() });
  }
  client.kill();

  const perConnection = slope(samples.slice(1));
  console.log(`idle connections, ${isUsed ? "after one exchange each" : "never used"}:`);
  for (const { count, bytes } of samples) {
    console.log(`  ${String(count).padStart(6)} open  ${(bytes / 1_048_576).toFixed(1).padStart(6)} MiB resident`);
  }
  const isWithin = perConnection <= BYTES_MAX;
  console.log(`  slope ${Math.round(perConnection)} bytes a connection, ${isWithin ? "within" : "OVER"} ${BYTES_MAX}`);
  process.exit(isWithin ? 0 : 1);
}

/** Keeps what a protocol keeps: a window for input and a deadline. */
class EchoHandler implements ConnectionHandler {
  readonly #connection: Connection;
  readonly #segments = new Segments();

  constructor(connection: Connection) {
    this.#connection = connection;
    connection.setDeadline(IDLE_MS);
  }

  onBytes(chunk: Buffer): void {
    const segments = this.#segments;
    segments.append(chunk);
    this.#connection.output().writeBytes(segments.bytes, segments.start, segments.end);
    segments.clear();
    this.#connection.setDeadline(IDLE_MS);
  }

  onEnd(): void {
    this.#connection.close("peer");
  }

  onDrain(): void {}

  onDeadline(): void {}

  onClose(): void {}
}

/** Opens connections until there are as many as each line of its input says, and answers when they stand. */
async function runClient(port: number, isUsed: boolean): Promise<void> {
  raiseOpenFileLimit();
  let openCount = 0;
  let answeredCount = 0;
  const socket = { data: () => void answeredCount++ };
  for await (const line of console) {
    const count = Number(line);
    while (openCount < count) {
      const batch = Array.from({ length: Math.min(100, count - openCount) }, () =>
        Bun.connect({ hostname: "127.0.0.1", port, socket }),
      );
      openCount += batch.length;
      for (const each of await Promise.all(batch)) if (isUsed) each.write("x".repeat(200));
    }
    while (isUsed && answeredCount < openCount) await Bun.sleep(10);
    console.log("open");
  }
}

/** Resident memory once it has stopped falling after collections. */
async function restingBytes(): Promise<number> {
  let bytes = Infinity;
  for (let round = 0; round < 10; round++) {
    Bun.gc(true);
    await Bun.sleep(100);
    bytes = Math.min(bytes, Number(readFileSync("/proc/self/statm", "latin1").split(" ")[1]) * PAGE_BYTES);
  }
  return bytes;
}

/** The least-squares slope. */
function slope(samples: readonly { count: number; bytes: number }[]): number {
  const meanCount = samples.reduce((sum, { count }) => sum + count, 0) / samples.length;
  const meanBytes = samples.reduce((sum, { bytes }) => sum + bytes, 0) / samples.length;
  let covariance = 0;
  let variance = 0;
  for (const { count, bytes } of samples) {
    covariance += (count - meanCount) * (bytes - meanBytes);
    variance += (count - meanCount) ** 2;
  }
  return covariance / variance;
}

/**
 * What the kernel costs over the runtime's bare sockets: both answer every chunk with the same bytes, without looking at it.
 *
 *     npm run bench -- kernel [--rounds 5] [--seconds 3] [--connections 64]
 */
import { Listener } from "../src/kernel/listener.ts";
import { unobserved } from "../src/kernel/monitor.ts";
import { TimerWheel } from "../src/kernel/timer-wheel.ts";
import { printFigures, printRatios } from "./lib/comparison.ts";
import { readFlags } from "./lib/flags.ts";
import { type Contestant, runRounds } from "./lib/rounds.ts";
import { freePort, type Server, untilServing } from "./lib/server.ts";
import { wrk } from "./lib/wrk.ts";

const ANSWER = Buffer.from(
  'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{"ok":true}',
  "latin1",
);
/** What a front does for each request: it moves a deadline. */
const IDLE_MS = 30_000;

const [role = "", port = ""] = process.argv.slice(2);
if (role === "bare") serveBare(Number(port));
else if (role === "kernel") serveKernel(Number(port));
else await compare();

function serveBare(servedPort: number): void {
  Bun.listen({
    hostname: "127.0.0.1",
    port: servedPort,
    socket: { binaryType: "buffer", data: (socket) => void socket.write(ANSWER) },
  });
}

function serveKernel(servedPort: number): void {
  // oxlint-disable-next-line no-new -- it serves as long as the process lives
  new Listener({
    address: { host: "127.0.0.1", port: servedPort },
    connectionCountMax: 10_000,
    wheel: new TimerWheel(),
    monitor: unobserved,
    stallMs: IDLE_MS,
    accept: (connection) => ({
      onBytes() {
        connection.setDeadline(IDLE_MS);
        connection.output().writeBytes(ANSWER);
      },
      onEnd: () => connection.close("peer"),
      onDrain() {},
      onDeadline: () => connection.close(),
      onClose() {},
    }),
  });
}

async function compare(): Promise<void> {
  const { rounds, seconds, connections } = readFlags({ rounds: 5, seconds: 3, connections: 64 });
  await using servers = new AsyncDisposableStack();
  const contestants: Contestant[] = [];
  for (const name of ["bare", "kernel"]) {
    const { url } = servers.use(await start(name));
    await wrk({ url, connections, seconds: 1 });
    contestants.push({ name, measure: () => wrk({ url, connections, seconds }) });
  }
  console.log(`requests/s, wrk -t1 -c${connections} -d${seconds}s, in turn:`);
  const result = await runRounds(contestants, rounds);
  printFigures(result, "requests/s");
  printRatios(result, [{ of: "kernel", by: "bare", note: "no goal" }]);
}

function start(name: string): Promise<Server> {
  const servedPort = freePort();
  const child = Bun.spawn([process.execPath, import.meta.path, name, String(servedPort)]);
  return untilServing({
    url: `http://127.0.0.1:${servedPort}/`,
    processId: child.pid,
    async [Symbol.asyncDispose]() {
      child.kill();
      await child.exited;
    },
  });
}

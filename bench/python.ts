/**
 * Requests a second of Python applications behind Vilya, uvicorn and Granian, with one Python process each, and what that process spends on
 * a request: the second figure says more on a machine that has other work.
 *
 *     npm run bench -- python [--rounds 5] [--seconds 3] [--only json,fastapi]
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { startGranian, startUvicorn, startVilyaPython, type StartPythonServer } from "./contenders/python-servers.ts";
import { type Contestant, runRounds } from "./lib/rounds.ts";
import type { Server } from "./lib/server.ts";
import { renderSummary, summarize } from "./lib/summary.ts";
import { WebSocketLoad } from "./lib/websocket-load.ts";
import { wrk } from "./lib/wrk.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "3" },
    only: { type: "string", default: "json,large,echo,sleep,websocket,fastapi" },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);

interface Row {
  readonly title: string;
  readonly app: "raw" | "fast";
  readonly path: string;
  readonly connections: number;
  readonly script?: string;
  /** Echoes over WebSockets instead of requests. */
  readonly isWebSocket?: true;
  readonly goals: Readonly<Record<string, string>>;
}

const MESSAGE_BYTES = 64;
const REPORTED = { uvicorn: "reported", Granian: "reported" };
const ROWS: Readonly<Record<string, Row>> = {
  json: {
    title: "small JSON, no framework",
    app: "raw",
    path: "",
    connections: 64,
    goals: { uvicorn: "goal 1.5", Granian: "goal 1.0" },
  },
  large: { title: "10 KiB", app: "raw", path: "large", connections: 64, goals: REPORTED },
  echo: {
    title: "POST of 1 KiB, echoed",
    app: "raw",
    path: "echo",
    connections: 64,
    script: join(import.meta.dir, "python/echo.lua"),
    goals: REPORTED,
  },
  sleep: { title: "10 ms of sleep", app: "raw", path: "sleep", connections: 512, goals: REPORTED },
  websocket: {
    title: `WebSocket, ${MESSAGE_BYTES} bytes echoed`,
    app: "raw",
    path: "",
    connections: 64,
    isWebSocket: true,
    goals: REPORTED,
  },
  fastapi: {
    title: "small JSON, FastAPI",
    app: "fast",
    path: "",
    connections: 64,
    goals: { uvicorn: "goal 1.15", Granian: "reported" },
  },
};

const STARTS: Readonly<Record<string, StartPythonServer>> = {
  Vilya: startVilyaPython,
  uvicorn: startUvicorn,
  Granian: startGranian,
};

for (const name of values.only.split(",")) {
  const row = ROWS[name];
  if (row === undefined) throw new Error(`Cannot measure ${name}: there are ${Object.keys(ROWS).join(", ")}`);
  await measure(row);
}

async function measure(row: Row): Promise<void> {
  const { title, app, connections, isWebSocket = false, goals } = row;
  await using servers = new AsyncDisposableStack();
  const contestants: Contestant[] = [];
  const processorUs = new Map<string, number[]>();
  const memory: string[] = [];
  for (const [name, start] of Object.entries(STARTS)) {
    const server = servers.use(await start(app, { isWebSocket }));
    const load = loadOf(row, server.url);
    await load(1);
    const costs: number[] = [];
    processorUs.set(name, costs);
    contestants.push({
      name,
      async measure() {
        const before = processorSeconds(server);
        const figure = await load(seconds);
        costs.push(((processorSeconds(server) - before) / (figure * seconds)) * 1e6);
        return figure;
      },
    });
    memory.push(`${name} ${residentMebibytes(server)} MiB`);
  }
  console.log(`\n${title}: ${connections} connections, ${seconds} s, contenders in turn`);
  const { figures, repeatedCount, stealShareMax } = await runRounds(contestants, rounds);
  const steal = (stealShareMax * 100).toFixed(1);
  console.log(
    `  ${rounds} rounds counted, ${repeatedCount} repeated, steal at most ${steal} %; memory: ${memory.join(", ")}`,
  );
  console.log("  requests/s, then µs of the Python process a request   min / median / max");
  for (const [name, perSecond] of figures) {
    console.log(`    ${name.padEnd(10)} ${renderSummary(summarize(perSecond), 0)}`);
    console.log(`    ${"".padEnd(10)} ${renderSummary(summarize(processorUs.get(name)!), 1)} µs`);
  }
  for (const [other, goal] of Object.entries(goals)) {
    const ratios = figures.get("Vilya")!.map((figure, round) => figure / figures.get(other)![round]!);
    console.log(`    Vilya : ${other}  ${renderSummary(summarize(ratios), 2)}   (${goal})`);
  }
}

/** What asks a server for so many seconds and returns how often it has answered in one. */
function loadOf({ path, connections, script, isWebSocket }: Row, base: string): (seconds: number) => Promise<number> {
  const url = base + path;
  if (isWebSocket === undefined)
    return (lastS) => wrk({ url, connections, seconds: lastS, ...(script !== undefined && { script }) });
  return async (lastS) => {
    const load = new WebSocketLoad({
      port: Number(new URL(url).port),
      path: "/echo",
      connections,
      payloadBytes: MESSAGE_BYTES,
    });
    await load.open();
    const figure = await load.echo(lastS);
    load.close();
    return figure;
  };
}

/** Processor time of a server's Python process so far, in the kernel and outside; all its threads. */
function processorSeconds({ processId }: Server): number {
  const fields = readFileSync(`/proc/${processId}/stat`, "latin1").split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function residentMebibytes({ processId }: Server): number {
  const [, kibibytes] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${processId}/status`, "latin1"))!;
  return Math.round(Number(kibibytes) / 1024);
}
